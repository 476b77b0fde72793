import Files
import Testing

@testable import Audio

/// Every message says what failed and where, why, and what to do next.
@Suite struct AudioErrorTests {
    @Test(arguments: [
        (
            AudioError.empty(source: "a.wav", byteCount: 0),
            "a.wav: no sound in it: it has 0 bytes; record or fetch it again"
        ),
        (
            .truncated(source: "a.flac", claimedFrameCount: 160_000, presentFrameCount: 91_200),
            "a.flac: cut off: 91200 of 160000 frames are there; fetch the file again"
        ),
        (
            .damaged(source: "a\n.flac", frame: 12, reason: "FLAC decoder lost sync"),
            "a\\u{a}.flac: damaged after frame 12: FLAC decoder lost sync; fetch or record it again"
        ),
        (
            .notAudio(source: "a.m4a", looksLike: "MP4, M4A or MOV"),
            "a.m4a: not a sound file that can be read: it looks like MP4, M4A or MOV; convert it first: "
                + "ffmpeg -i INPUT -ac 1 OUTPUT.flac"
        ),
        (
            .outOfRange(source: "a.wav", frames: 3..<9, frameCount: 5),
            "a.wav: frames 3..<9 were asked for, but it has 5; ask for a part of 0..<5"
        ),
        (
            .resampling(inputRateHz: 5, outputRateHz: 16_000, reason: "that is no sample rate of sound"),
            "cannot convert 5 Hz to 16000 Hz: that is no sample rate of sound; use rates of 1000 to 768000 Hz"
        ),
    ])
    func messagesAreSentences(error: AudioError, text: String) {
        #expect(error.description == text)
    }
}

import Audio
import Testing

@testable import Avatar

/// The contract of `Speech`: sounds in order of time, without gaps, from the start of the audio to its end.
enum PhonemeExpectations {
    /// Expects it of speech.
    static func expectCovering(
        _ speech: Speech,
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectCovering(
            speech.phonemes,
            durationSeconds: speech.audio.durationSeconds,
            comment,
            sourceLocation: sourceLocation
        )
    }

    /// Expects it of sounds.
    static func expectCovering(
        _ phonemes: [TimedPhoneme],
        durationSeconds: Double,
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var end = 0.0
        var before: TimedPhoneme?
        for phoneme in phonemes {
            #expect(phoneme.startSeconds == end, comment, sourceLocation: sourceLocation)
            #expect(phoneme.endSeconds > phoneme.startSeconds, comment, sourceLocation: sourceLocation)
            let isSecondSilence = before?.symbol.isEmpty == true && phoneme.symbol.isEmpty
            #expect(!isSecondSilence, comment, sourceLocation: sourceLocation)
            end = phoneme.endSeconds
            before = phoneme
        }
        #expect(abs(end - durationSeconds) < 1e-6, comment, sourceLocation: sourceLocation)
    }
}

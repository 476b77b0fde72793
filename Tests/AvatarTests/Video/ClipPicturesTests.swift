import Audio
import Glibc
import Testing

@testable import Avatar

@Suite struct ClipPicturesTests {
    @Test func `the waveform shows what is loud and what is silent`() {
        let loud = (0..<8_000).map { 0.8 * sin(Float($0) * 0.3) }
        let samples = loud + [Float](repeating: 0, count: 8_000)
        let picture = ClipPictures.waveform(WaveformSummary(samples, bucketCount: ClipPictures.width))
        func inked(_ column: Int) -> Int {
            (0..<picture.height).filter { picture.pixels[4 * ($0 * picture.width + column) + 3] > 60 }.count
        }
        #expect(inked(100) > picture.height / 2)
        #expect(inked(500) <= 3)
    }

    @Test func `strange sound and no sound still make pictures`() {
        let strange = WaveformSummary([.nan, .infinity, -9, 9], bucketCount: ClipPictures.width)
        #expect(ClipPictures.waveform(strange).width == 640)
        #expect(ClipPictures.mouth(openness: [], loudness: []).width == 640)
        #expect(ClipPictures.mouth(openness: [0.2], loudness: [0.1, 1]).height == 96)
    }

    @Test(arguments: [
        ("/a/b.c/clip.mp4", "/a/b.c/clip.poster.png"), ("clip.webm", "clip.poster.png"),
        ("/a.b/clip", "/a.b/clip.poster.png"),
    ])
    func `pictures are named after their clip`(_ video: String, _ poster: String) {
        #expect(ClipReport.Files(video: video).poster == poster)
    }
}

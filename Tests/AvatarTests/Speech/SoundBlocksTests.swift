import Audio
import TestSupport
import Testing

@testable import Avatar

/// Sound in blocks: all of it in order, wherever it comes from, and none for who is no longer there.
@Suite(.timeLimit(.minutes(1))) struct SoundBlocksTests {
    private static func noise(_ count: Int, rate: Int = 16_000) -> AudioSignal {
        var random = SeededRandom(seed: 5)
        let samples = (0..<count).map { _ in Float(Int16.random(in: .min ... .max, using: &random)) / 32_768 }
        return AudioSignal(samples: samples, sampleRateHz: rate)
    }

    @Test(arguments: [1, 32_768, 32_769, 100_000])
    func `a sound is the same from memory, through a file and back`(_ count: Int) throws {
        let folder = try TemporaryDirectory()
        let (sound, path) = (Self.noise(count), folder.path(of: "a.wav"))
        var seen: [Float] = []
        try WaveFile.write(SoundBlocks(sound), sampleCount: count, to: path) { seen += $0 }
        #expect(seen == sound.samples)
        #expect(try SoundBlocks(AudioStream(path: path)).collected(rateHz: 16_000) == sound)
        #expect(try AudioFile.read(path) == sound)
    }

    @Test func `another rate is that of the resampler for the whole`() throws {
        let sound = Self.noise(50_000, rate: 22_050)
        let blocks = try SoundBlocks(sound).collected(rateHz: 16_000)
        #expect(try blocks == sound.resampled(toRateHz: 16_000))
    }

    @Test func `a sound that is shorter or longer than announced is refused, and no file appears`() throws {
        let folder = try TemporaryDirectory()
        for count in [999, 1_001] {
            let error = #expect(throws: AvatarError.self) {
                try WaveFile.write(
                    SoundBlocks(Self.noise(1_000)),
                    sampleCount: count,
                    to: folder.path(of: "a.wav")
                )
            }
            #expect(error?.description.contains("1000 samples instead of \(count)") == true)
        }
        #expect(!folder.exists("a.wav"))
    }

    @Test func `whoever is cancelled gets no further block`() async throws {
        let folder = try TemporaryDirectory()
        let (sound, path) = (Self.noise(10 * 32_768), folder.path(of: "a.wav"))
        let written = await Task {
            var count = 0
            #expect(throws: CancellationError.self) {
                try WaveFile.write(SoundBlocks(sound), sampleCount: sound.samples.count, to: path) { _ in
                    count += 1
                    if count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            return count
        }.value
        #expect(written == 3 && !folder.exists("a.wav"))
        let analysed = await Task {
            var count = 0
            #expect(throws: CancellationError.self) {
                _ = try AnalysisWindows.visit(SoundBlocks(sound)) { _ in
                    count += 1
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            return count
        }.value
        // The windows of the first block: 2 s at 100 a second.
        #expect((1...205).contains(analysed))
    }

    @Test func `an analysis, an alignment and a recording end when they are cancelled`() async throws {
        let speech = Speech(audio: Self.noise(32_000), phonemes: [])
        let bytes = try AudioWriter.encode(speech.audio, as: .wav16)
        let long = FrameMatrix(
            values: [Float](repeating: 0, count: 2_000),
            frameCount: 1_000,
            featureCount: 2
        )
        let works: [@Sendable () async throws -> Void] = [
            { _ = try MotionSequence(speech, seed: 1) },
            { _ = try await PhonemeAlignment.align(speech, to: speech.audio) },
            { _ = try DynamicTimeWarping().path(reference: long, target: long) },
            { _ = try Recording(bytes: bytes, name: "noise") },
        ]
        for work in works {
            await #expect(throws: CancellationError.self) {
                try await Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await work()
                }.value
            }
        }
    }
}

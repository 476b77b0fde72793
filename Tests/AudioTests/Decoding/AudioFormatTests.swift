import CSndFile
import TestSupport
import Testing

@testable import Audio

/// Each format comes back as what was written, with its description.
@Suite struct AudioFormatTests {
    @Test(arguments: TestFormat.waveforms)
    func samplesComeBack(_ format: TestFormat) throws {
        var random = SeededRandom.fresh()
        let samples = TestSounds.speech(rateHz: 16_000, count: 5_003, random: &random)
        let bytes = try TestSounds.file(samples, format: format.format)

        let read = try AudioFile.read(bytes: bytes, name: "memory")

        #expect(read.sampleRateHz == 16_000)
        try #require(read.samples.count == samples.count)
        let worst = zip(read.samples, samples).map { abs($0 - $1) }.max() ?? 1
        #expect(worst <= format.tolerance ?? 0, "\(random)")
    }

    @Test(arguments: TestFormat.waveforms + TestFormat.lossy)
    func informationNeedsNoDecoding(_ format: TestFormat) throws {
        let rateHz = format.coding == .opus ? 48_000 : 32_000
        let tone = TestSounds.tone(hertz: 500, rateHz: rateHz, count: rateHz)
        let bytes = try TestSounds.file(
            tone.flatMap { [$0, $0] },
            channels: 2,
            rateHz: rateHz,
            format: format.format
        )

        let information = try AudioFile.information(bytes: bytes, name: "memory")

        #expect(information.container == format.container)
        #expect(information.coding == format.coding)
        #expect(information.sampleRateHz == rateHz)
        #expect(information.channelCount == 2)
        let seconds = try #require(information.durationSeconds)
        #expect(abs(seconds - 1) < (format.coding == .mpeg ? 0.1 : 1e-9))
    }

    @Test(arguments: TestFormat.lossy)
    func compressedSoundIsAlike(_ format: TestFormat) throws {
        let rateHz = format.coding == .opus ? 48_000 : 44_100
        let tone = TestSounds.tone(hertz: 440, rateHz: rateHz, count: rateHz)
        let bytes = try TestSounds.file(tone, rateHz: rateHz, format: format.format)

        let read = try AudioFile.read(bytes: bytes, name: "memory")

        #expect(abs(read.samples.count - rateHz) <= 4 * 1_152)
        let middle = read.samples[10_000..<30_000]
        let power = middle.reduce(0.0) { $0 + Double($1) * Double($1) } / 20_000
        // A sine of amplitude 0.5 has the power 1/8; one decibel either way.
        #expect(power > 0.125 * 0.8 && power < 0.125 * 1.25)
        let crossings = zip(middle, middle.dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect(abs(Double(crossings) / (20_000 / Double(rateHz)) - 440) < 4)
    }

    @Test(.enabled(if: TestFormat.hasMP3, "the installed libsndfile has no MP3; Debian 12's has"))
    func mp3IsAmongTheFormats() throws {
        let bytes = try TestSounds.file(
            TestSounds.tone(hertz: 440, rateHz: 16_000, count: 16_000),
            format: TestFormat.mp3.format
        )
        #expect(try AudioFile.read(bytes: bytes, name: "a.mp3").samples.count > 15_000)
    }

    @Test(arguments: [2, 3, 6])
    func channelsBecomeTheirMean(channels: Int) throws {
        var random = SeededRandom.fresh()
        let frames = 70_001
        let interleaved = (0..<frames * channels).map { _ in Float.random(in: -1...1, using: &random) }
        let bytes = try TestSounds.file(
            interleaved,
            channels: channels,
            format: SF_FORMAT_WAV | SF_FORMAT_FLOAT
        )

        let read = try AudioFile.read(bytes: bytes, name: "memory").samples

        try #require(read.count == frames)
        for frame in 0..<frames {
            let mean =
                interleaved[frame * channels..<(frame + 1) * channels].reduce(0.0) { $0 + Double($1) }
                / Double(channels)
            try #require(abs(Double(read[frame]) - mean) < 1e-6, "frame \(frame), \(random)")
        }
    }

    @Test func samplesBeyondFullScaleAreClipped() throws {
        let bytes = try TestSounds.file([0.5, 1.5, -7, 1, -1], format: SF_FORMAT_WAV | SF_FORMAT_FLOAT)
        #expect(try AudioFile.read(bytes: bytes, name: "memory").samples == [0.5, 1, -1, 1, -1])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func samplesThatAreNoNumbersAreDamage(value: Float) throws {
        let bytes = try TestSounds.file([0, 0.5, value, 0], format: SF_FORMAT_WAV | SF_FORMAT_FLOAT)
        #expect(throws: AudioError.damaged(source: "a.wav", frame: 0, reason: "a sample is not a number")) {
            try AudioFile.read(bytes: bytes, name: "a.wav")
        }
    }
}

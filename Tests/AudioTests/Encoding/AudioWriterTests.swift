import Files
import Foundation
import TestSupport
import Testing

@testable import Audio

/// What is written is read back.
@Suite struct AudioWriterTests {
    @Test(arguments: [AudioEncoding.wav16, .flac16])
    func sixteenBitSamplesSurviveExactly(encoding: AudioEncoding) throws {
        let samples = (-32_768...32_767).map { Float($0) / 32_768 }
        let signal = AudioSignal(samples: samples, sampleRateHz: 22_050)
        let bytes = try AudioWriter.encode(signal, as: encoding)
        #expect(try AudioFile.read(bytes: bytes, name: "memory") == signal)
    }

    @Test func floatsSurviveExactly() throws {
        var random = SeededRandom.fresh()
        let samples = (0..<10_000).map { _ in Float.random(in: -1...1, using: &random) }
        let signal = AudioSignal(samples: samples, sampleRateHz: 16_000)
        let bytes = try AudioWriter.encode(signal, as: .wavFloat)
        #expect(try AudioFile.read(bytes: bytes, name: "memory") == signal, "\(random)")
    }

    @Test func otherSamplesAreRoundedToTheNearest() throws {
        let signal = AudioSignal(
            samples: [0.4 / 32_768, 0.6 / 32_768, -0.6 / 32_768, 2, -2],
            sampleRateHz: 16_000
        )
        let read = try AudioFile.read(bytes: AudioWriter.encode(signal, as: .wav16), name: "memory")
        let steps: [Float] = [0, 1, -1, 32_767, -32_768]
        #expect(read.samples == steps.map { $0 / 32_768 })
    }

    /// libsndfile's Vorbis writer overruns its stack when it is given two and a half minutes at once.
    @Test func longSoundsBecomeOgg() throws {
        let count = 160 * 16_000
        let signal = AudioSignal(samples: [Float](repeating: 0.25, count: count), sampleRateHz: 16_000)
        let bytes = try AudioWriter.encode(signal, as: .oggVorbis(quality: 0))
        #expect(try AudioFile.information(bytes: bytes, name: "memory").frameCount == count)
    }

    @Test func qualityCosts() throws {
        var random = SeededRandom.fresh()
        let samples = TestSounds.speech(rateHz: 44_100, count: 100_000, random: &random)
        let signal = AudioSignal(samples: samples, sampleRateHz: 44_100)
        let small = try AudioWriter.encode(signal, as: .oggVorbis(quality: 0))
        let good = try AudioWriter.encode(signal, as: .oggVorbis(quality: 1))
        #expect(small.count < good.count)
        #expect(try AudioWriter.encode(signal, as: .oggVorbis(quality: .nan)).count > small.count)
    }

    @Test(arguments: [AudioEncoding.wav16, .wavFloat, .flac16])
    func theSameSignalGivesTheSameBytes(encoding: AudioEncoding) throws {
        let signal = AudioSignal(samples: [0, 0.5, -0.25], sampleRateHz: 16_000)
        #expect(try AudioWriter.encode(signal, as: encoding) == AudioWriter.encode(signal, as: encoding))
        // A time of day would show as a PEAK chunk.
        let bytes = try AudioWriter.encode(signal, as: encoding)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("PEAK"))
    }

    @Test(arguments: [AudioEncoding.wav16, .wavFloat, .flac16, .oggVorbis(quality: 0.5)])
    func filesAppearWhole(encoding: AudioEncoding) throws {
        let folder = try TemporaryDirectory()
        let path = folder.path(of: "a.\(encoding.fileExtension)")
        try folder.write("old", to: "a.\(encoding.fileExtension)")
        let samples = TestSounds.tone(hertz: 440, rateHz: 16_000, count: 16_000)
        try AudioWriter.write(AudioSignal(samples: samples, sampleRateHz: 16_000), to: path, as: encoding)
        #expect(try AudioFile.read(path).samples.count == 16_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }

    @Test func failuresLeaveTheOldFile() throws {
        let folder = try TemporaryDirectory()
        try folder.write("old", to: "a.wav")
        let path = folder.path(of: "a.wav")
        let broken = AudioSignal(samples: [0, .nan], sampleRateHz: 16_000)
        #expect(throws: AudioError.encoding(target: path, reason: "a sample is infinite or not a number")) {
            try AudioWriter.write(broken, to: path, as: .wav16)
        }
        // The Vorbis format has no such rate.
        #expect(throws: AudioError.self) {
            try AudioWriter.write(
                AudioSignal(samples: [0], sampleRateHz: 768_000),
                to: path,
                as: .oggVorbis(quality: 0.5)
            )
        }
        #expect(try folder.readText("a.wav") == "old")
        let nowhere = folder.path(of: "none/a.wav")
        #expect(throws: AudioError.file(.system(operation: "write", path: nowhere, code: ENOENT))) {
            try AudioWriter.write(AudioSignal(samples: [0], sampleRateHz: 16_000), to: nowhere, as: .wav16)
        }
    }
}

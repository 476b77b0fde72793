import CSndFile
import Files
import Foundation
import TestSupport
import Testing

@testable import Audio

/// Wholes, blocks and parts agree, from disk and from memory.
@Suite struct AudioReadingTests {
    @Test(arguments: [TestFormat.wav16, .flac16, .vorbis] + (TestFormat.hasMP3 ? [.mp3] : []))
    func blocksMakeTheWhole(_ format: TestFormat) throws {
        var random = SeededRandom.fresh()
        let samples = TestSounds.speech(rateHz: 16_000, count: 40_000, random: &random)
        let bytes = try TestSounds.file(samples, format: format.format)
        let whole = try AudioFile.read(bytes: bytes, name: "memory").samples

        var decoder = try AudioDecoder(bytes: bytes, name: "memory")
        var joined: [Float] = []
        var wanted = Int.random(in: 1...3_000, using: &random)
        while let block = try decoder.nextBlock(frameCount: wanted) {
            #expect(!block.isEmpty && block.count <= wanted, "\(random)")
            joined += block
            #expect(decoder.position == joined.count)
            wanted = Int.random(in: 1...3_000, using: &random)
        }

        #expect(joined == whole, "\(random)")
        #expect(try decoder.nextBlock() == nil)
    }

    @Test(arguments: [TestFormat.wav16, .flac16, .vorbis])
    func aPartIsASliceOfTheWhole(_ format: TestFormat) throws {
        var random = SeededRandom.fresh()
        let samples = TestSounds.speech(rateHz: 16_000, count: 30_000, random: &random)
        let bytes = try TestSounds.file(samples, format: format.format)
        let whole = try AudioFile.read(bytes: bytes, name: "memory").samples

        for _ in 0..<12 {
            let start = Int.random(in: 0...30_000, using: &random)
            let part = start..<Int.random(in: start...30_000, using: &random)
            let read = try AudioFile.read(bytes: bytes, name: "memory", frames: part).samples
            try #require(read.count == part.count, "\(part), \(random)")
            let worst = zip(read, whole[part]).map { abs($0 - $1) }.max() ?? 0
            // Vorbis is decoded from the page before, with other rounding.
            #expect(worst <= (format.tolerance == nil ? 1e-4 : 0), "\(part), \(random)")
        }
    }

    @Test func aPartBeyondTheEndIsRefused() throws {
        let bytes = try TestSounds.file([Float](repeating: 0.1, count: 100), format: TestFormat.flac16.format)
        #expect(throws: AudioError.outOfRange(source: "a.flac", frames: 50..<101, frameCount: 100)) {
            try AudioFile.read(bytes: bytes, name: "a.flac", frames: 50..<101)
        }
        #expect(throws: AudioError.self) {
            try AudioFile.read(bytes: bytes, name: "a.flac", frames: -1..<5)
        }
        #expect(try AudioFile.read(bytes: bytes, name: "a.flac", frames: 100..<100).samples.isEmpty)
    }

    @Test func diskAndMemoryAgree() throws {
        var random = SeededRandom.fresh()
        let folder = try TemporaryDirectory()
        let samples = TestSounds.speech(rateHz: 22_050, count: 50_000, random: &random)
        for format in TestFormat.waveforms + TestFormat.lossy where format.coding != .opus {
            let bytes = try TestSounds.file(samples, rateHz: 22_050, format: format.format)
            try folder.write(bytes, to: "sound")
            let path = folder.path(of: "sound")
            let fromDisk = try AudioFile.read(path, sampleRateHz: 16_000)
            let fromMemory = try AudioFile.read(bytes: bytes, name: "memory", sampleRateHz: 16_000)
            #expect(fromDisk == fromMemory, "\(format.name), \(random)")
            #expect(try AudioFile.information(path) == AudioFile.information(bytes: bytes, name: "memory"))
        }
    }

    @Test func readingAtAnotherRateIsReadingAndConverting() throws {
        var random = SeededRandom.fresh()
        let samples = TestSounds.speech(rateHz: 44_100, count: 200_000, random: &random)
        let bytes = try TestSounds.file(samples, rateHz: 44_100, format: SF_FORMAT_WAV | SF_FORMAT_FLOAT)

        let read = try AudioFile.read(bytes: bytes, name: "memory", sampleRateHz: 16_000)
        let converted = try AudioSignal(samples: samples, sampleRateHz: 44_100).resampled(toRateHz: 16_000)
        #expect(read == converted, "\(random)")

        var stream = try AudioStream(AudioDecoder(bytes: bytes, name: "memory"), sampleRateHz: 16_000)
        var joined: [Float] = []
        while let block = try stream.nextBlock(frameCount: 1_000) {
            #expect(!block.isEmpty)
            joined += block
        }
        #expect(joined == converted.samples, "\(random)")
    }

    @Test func aLimitHolds() throws {
        // Silence, which FLAC packs to next to nothing.
        let bytes = try TestSounds.file(
            [Float](repeating: 0, count: 1_000_000),
            format: TestFormat.flac16.format
        )
        #expect(bytes.count < 40_000)
        #expect(throws: AudioError.tooLong(source: "a.flac", limitSampleCount: 100_000)) {
            try AudioFile.read(bytes: bytes, name: "a.flac", limitSampleCount: 100_000)
        }
        #expect(
            try AudioFile.read(bytes: bytes, name: "a.flac", limitSampleCount: 1_000_000).samples.count
                == 1_000_000
        )
    }

    @Test func seekingBackReadsAgain() throws {
        let samples = TestSounds.tone(hertz: 300, rateHz: 16_000, count: 5_000)
        let bytes = try TestSounds.file(samples, format: SF_FORMAT_WAV | SF_FORMAT_FLOAT)
        var decoder = try AudioDecoder(bytes: bytes, name: "memory")
        while try decoder.nextBlock() != nil {}
        try decoder.seek(toFrame: 4_990)
        #expect(try decoder.nextBlock() == Array(samples[4_990...]))
        try decoder.seek(toFrame: 0)
        #expect(try decoder.nextBlock() == samples)
        #expect(throws: AudioError.outOfRange(source: "memory", frames: 5_001..<5_001, frameCount: 5_000)) {
            try decoder.seek(toFrame: 5_001)
        }
    }

    @Test func manyThreadsDecodeAtOnce() async throws {
        var random = SeededRandom.fresh()
        let samples = TestSounds.speech(rateHz: 44_100, count: 30_000, random: &random)
        let formats = [TestFormat.wav16, .flac16, .vorbis]
        let files = try formats.map { try TestSounds.file(samples, rateHz: 44_100, format: $0.format) }
        let expected = try files.map { try AudioFile.read(bytes: $0, name: "memory", sampleRateHz: 16_000) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<24 {
                group.addTask { @concurrent in
                    let file = round % files.count
                    let read = try AudioFile.read(bytes: files[file], name: "memory", sampleRateHz: 16_000)
                    #expect(read == expected[file])
                    #expect(throws: AudioError.self) {
                        try AudioFile.read(bytes: Array(files[file].prefix(20)), name: "cut")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

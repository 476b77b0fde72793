import CSndFile
import Files
import Foundation
import TestSupport
import Testing

@testable import Audio

/// Whatever the bytes, there is a sound or a sentence, never a trap and never memory on a claim alone.
@Suite struct BrokenSoundTests {
    private static func bytes(_ format: TestFormat, count: Int = 3_000) throws -> [UInt8] {
        var random = SeededRandom(seed: 5)
        let samples = TestSounds.speech(rateHz: 16_000, count: count, random: &random)
        return try TestSounds.file(
            samples,
            rateHz: format.coding == .opus ? 48_000 : 16_000,
            format: format.format
        )
    }

    private static func read(_ bytes: [UInt8]) -> Result<AudioSignal, AudioError> {
        do throws(AudioError) {
            return .success(try AudioFile.read(bytes: bytes, name: "a", limitSampleCount: 1 << 22))
        } catch {
            return .failure(error)
        }
    }

    @Test func whatIsNotThereIsMissing() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path(of: "none.wav")
        #expect(throws: AudioError.file(.system(operation: "open", path: path, code: ENOENT))) {
            try AudioFile.read(path)
        }
        #expect(throws: AudioError.file(.system(operation: "read", path: folder.path, code: EISDIR))) {
            try AudioFile.read(folder.path)
        }
    }

    @Test func nothingIsEmpty() throws {
        #expect(throws: AudioError.empty(source: "a.wav", byteCount: 0)) {
            try AudioFile.read(bytes: [], name: "a.wav")
        }
        for format in [TestFormat.wav16, .flac16] {
            let header = try TestSounds.file([], format: format.format)
            #expect(throws: AudioError.empty(source: "a", byteCount: header.count)) {
                try AudioFile.read(bytes: header, name: "a")
            }
        }
    }

    @Test(arguments: [
        ("hello, I am a text and no sound at all", "text"), ("\u{7f}ELF", nil), ("%PDF-1.7 ....", "PDF"),
        ("....ftypM4A ....", "MP4, M4A or MOV"), ("RIFF....AVI LIST", "a RIFF file that holds no WAVE"),
        ("x", "text"),
    ])
    func otherFilesAreNamed(text: String, looksLike: String?) {
        #expect(throws: AudioError.notAudio(source: "a.wav", looksLike: looksLike)) {
            try AudioFile.read(bytes: Array(text.utf8), name: "a.wav")
        }
    }

    /// libsndfile would take these for sound by their names or first bytes: VOX has no header at all.
    @Test(arguments: ["a.vox", "a.gsm", "a.raw", "a.mat"])
    func namesProveNothing(name: String) throws {
        let folder = try TemporaryDirectory()
        try folder.write([UInt8](repeating: 0x55, count: 5_000), to: name)
        let path = folder.path(of: name)
        #expect(throws: AudioError.notAudio(source: path, looksLike: "text")) { try AudioFile.read(path) }
    }

    @Test(arguments: TestFormat.waveforms + TestFormat.lossy)
    func noCutTraps(_ format: TestFormat) throws {
        let whole = try Self.bytes(format, count: 1_500)
        let limit = try Self.read(whole).get().samples.count
        for count in stride(from: 0, to: whole.count, by: whole.count > 8_000 ? 7 : 3) {
            guard case .success(let signal) = Self.read(Array(whole[..<count])) else { continue }
            #expect(signal.samples.count <= limit, "cut at \(count)")
        }
    }

    @Test func allowingACutAllowsNoDamage() throws {
        var random = SeededRandom.fresh()
        let whole = try Self.bytes(.flac16, count: 40_000)
        let expected = try Self.read(whole).get().samples
        for _ in 0..<40 {
            var bytes = whole
            let place = Int.random(in: bytes.count / 4..<bytes.count * 3 / 4, using: &random)
            bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            do throws(AudioError) {
                let read = try AudioFile.read(bytes: bytes, name: "a", allowsTruncation: true).samples
                #expect(read == expected, "byte \(place), \(random)")
            } catch {
                guard case .damaged(_, let frame, _) = error else {
                    Issue.record("byte \(place): \(error), \(random)")
                    continue
                }
                #expect(frame ?? 0 > 0, "byte \(place), \(random)")
            }
        }
    }

    /// Every format whose header says how much is to come.
    @Test(arguments: TestFormat.waveforms.filter { [.wav, .rf64, .aiff, .flac].contains($0.container) })
    func everyCutIsTold(_ format: TestFormat) throws {
        let whole = try Self.bytes(format, count: 1_500)
        let claimed = try #require(AudioFile.information(bytes: whole, name: "a").frameCount)
        #expect(claimed == 1_500)
        for count in stride(from: 1, to: whole.count, by: 5) {
            switch Self.read(Array(whole[..<count])) {
            case .success(let signal):
                Issue.record("cut at \(count) of \(whole.count) gave \(signal.samples.count) samples")
            case .failure(.truncated(_, let claimed, let present)):
                #expect(claimed == 1_500 && present < 1_500, "cut at \(count)")
            case .failure: break
            }
        }
        guard case .failure(.truncated(_, 1_500, let present)) = Self.read(Array(whole[..<(whole.count - 1)]))
        else {
            Issue.record("the last byte went missing unnoticed")
            return
        }
        #expect(format.container == .flac ? present < 1_500 : present == 1_499)
    }

    @Test func aCutCanBeAllowed() throws {
        let whole = try Self.bytes(.wav16)
        let cut = Array(whole[..<(whole.count - 2_000)])
        #expect(
            throws: AudioError.truncated(source: "a.wav", claimedFrameCount: 3_000, presentFrameCount: 2_000)
        ) {
            try AudioFile.read(bytes: cut, name: "a.wav")
        }
        #expect(try AudioFile.read(bytes: cut, name: "a.wav", allowsTruncation: true).samples.count == 2_000)
        #expect(
            throws: AudioError.truncated(source: "a.wav", claimedFrameCount: 3_000, presentFrameCount: 2_000)
        ) {
            try AudioFile.read(bytes: cut, name: "a.wav", frames: 2_500..<2_600)
        }
        let flac = try Self.bytes(.flac16, count: 30_000)
        let cutFlac = Array(flac[..<(flac.count / 2)])
        let decoded = try AudioFile.read(bytes: cutFlac, name: "a.flac", allowsTruncation: true).samples.count
        #expect(decoded > 8_000 && decoded < 30_000)
    }

    @Test(.enabled(if: TestFormat.hasMP3, "the installed libsndfile has no MP3; Debian 12's has"))
    func anMP3ThatSaysHowLongItIsIsHeldToIt() throws {
        let samples = TestSounds.tone(hertz: 440, rateHz: 16_000, count: 80_000)
        let whole = try TestSounds.file(samples, format: TestFormat.mp3.format)
        let information = try AudioFile.information(bytes: whole, name: "a.mp3")
        #expect(!information.isFrameCountEstimated)
        guard case .failure(.truncated) = Self.read(Array(whole[..<(whole.count / 2)])) else {
            Issue.record("half an MP3 passed for a whole one")
            return
        }
    }

    /// What programs write that do not know the length: ffmpeg, sox and espeak-ng into a pipe.
    @Test(arguments: [0xffff_ffff, 0x7fff_f000, 0x7fff_ffff] as [UInt32])
    func aPipesSizesAreNoClaims(size: UInt32) throws {
        var bytes = try Self.bytes(.wav16)
        let data = try #require(
            bytes.indices.dropLast(4).first { Array(bytes[$0..<$0 + 4]) == Array("data".utf8) }
        )
        for (offset, byte) in withUnsafeBytes(of: size.littleEndian, Array.init).enumerated() {
            bytes[4 + offset] = byte
            bytes[data + 4 + offset] = byte
        }
        #expect(try AudioFile.read(bytes: bytes, name: "a.wav").samples.count == 3_000)
    }

    @Test(arguments: [(24, UInt32(0)), (24, 999), (24, 768_001), (24, .max), (24, 1 << 31)])
    func absurdRatesAreRefused(offset: Int, value: UInt32) throws {
        var bytes = try Self.bytes(.wav16)
        for (index, byte) in withUnsafeBytes(of: value.littleEndian, Array.init).enumerated() {
            bytes[offset + index] = byte
        }
        #expect(throws: AudioError.self) { try AudioFile.read(bytes: bytes, name: "a.wav") }
    }

    @Test(arguments: [0, 65, 1_025, 65_535] as [UInt16])
    func absurdChannelCountsAreRefused(channels: UInt16) throws {
        var bytes = try Self.bytes(.wav16)
        bytes[22] = UInt8(channels & 0xff)
        bytes[23] = UInt8(channels >> 8)
        let align = channels &* 2
        bytes[32] = UInt8(align & 0xff)
        bytes[33] = UInt8(align >> 8)
        #expect(throws: AudioError.self) { try AudioFile.read(bytes: bytes, name: "a.wav") }
    }

    /// RFC 9639, 8.2: the number of samples has 36 bits.
    @Test func aClaimOfManyHoursReservesNothing() throws {
        var bytes = try Self.bytes(.flac16)
        // STREAMINFO begins at byte 8; the low 4 bits of its byte 13 and the next 4 bytes are the count.
        bytes[21] |= 0x0f
        for index in 22..<26 { bytes[index] = 0xff }
        let claimed = 1 << 36 - 1
        #expect(try AudioFile.information(bytes: bytes, name: "a.flac").frameCount == claimed)
        guard case .failure(.truncated(_, claimed, let present)) = Self.read(bytes) else {
            Issue.record("a claim of \(claimed) frames was believed")
            return
        }
        #expect(present <= 3_000)
    }

    /// RFC 9639, 9.1.8 and 9.3: frames carry checksums of 8 and 16 bits.
    @Test func aFlippedByteInAFLACIsFound() throws {
        var random = SeededRandom.fresh()
        let whole = try Self.bytes(.flac16, count: 20_000)
        let expected = try Self.read(whole).get().samples
        for _ in 0..<60 {
            var bytes = whole
            let place = Int.random(in: bytes.count / 4..<bytes.count - 10, using: &random)
            bytes[place] ^= UInt8.random(in: 1...255, using: &random)
            if case .success(let signal) = Self.read(bytes) {
                #expect(signal.samples == expected, "byte \(place) was changed unnoticed, \(random)")
            }
        }
    }

    @Test(arguments: TestFormat.waveforms + TestFormat.lossy)
    func noDamageTraps(_ format: TestFormat) throws {
        var random = SeededRandom.fresh()
        let whole = try Self.bytes(format, count: 1_000)
        for round in 0..<120 {
            var bytes = whole
            // Mostly the header, where numbers are believed.
            let reach = round % 3 == 0 ? bytes.count : min(120, bytes.count)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 4..<reach, using: &random)
                bytes[place] =
                    [0, 0xff, 0x7f, 0x80, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            if case .success(let signal) = Self.read(bytes) {
                #expect(signal.samples.allSatisfy { abs($0) <= 1 }, "\(random)")
            }
        }
    }

    @Test func noiseAfterAGoodStartDoesNotTrap() throws {
        var random = SeededRandom.fresh()
        let starts = [
            "RIFF....WAVE", "RF64....WAVE", "fLaC", "OggS", "FORM....AIFF", ".snd", "caff", "riff",
            "NIST_1A\n", "ID3\u{3}",
        ]
        for round in 0..<400 {
            let start = Array(starts[round % starts.count].utf8)
            let bytes = start + random.bytes(Int.random(in: 0...3_000, using: &random))
            if case .success(let signal) = Self.read(bytes) {
                #expect(signal.samples.allSatisfy { abs($0) <= 1 }, "\(random)")
            }
        }
    }
}

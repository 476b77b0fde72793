import Foundation
import TestSupport
import Testing

@testable import Collector

@Suite struct PosixChecksumTests {
    private static func checksum(_ parts: [[UInt8]]) -> PosixChecksum {
        var checksum = PosixChecksum()
        for part in parts { part.withUnsafeBytes { checksum.update($0) } }
        return checksum
    }

    /// Source: the check value of CRC-32/CKSUM in the catalogue of CRCs, whose input has no length behind it, and
    /// what `cksum` of coreutils 9.1 prints.
    @Test func itIsThatOfCksum() throws {
        #expect(Self.checksum([]).value == 4_294_967_295)
        #expect(Self.checksum([Array("123456789".utf8)]).value == 930_766_865)
    }

    @Test func itIsTheSameInAnyPiecesAndAsTheProgramSays() throws {
        var random = SeededRandom(seed: 11)
        let folder = try TemporaryDirectory()
        for length in [1, 7, 8, 9, 255, 256, 16_383, 16_384, 16_385, 70_000] {
            let bytes = random.bytes(length)
            let whole = Self.checksum([bytes])
            let cut = Int.random(in: 0...length, using: &random)
            #expect(Self.checksum([Array(bytes[..<cut]), [], Array(bytes[cut...])]).value == whole.value)
            #expect(whole.byteCount == length)
            try folder.write(bytes, to: "file")
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/cksum")
            process.standardInput = try FileHandle(forReadingFrom: URL(filePath: folder.path(of: "file")))
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let said = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
            process.waitUntilExit()
            #expect(FileChecksum(output: said) == FileChecksum(value: whole.value, byteCount: length))
        }
    }

    @Test func whatIsNoChecksumIsNone() {
        for text in [
            "", "1", "1 2 3", "-1 2", "1 -2", "4294967296 1", "1 99999999999999999999", "a b", "1\u{0}2",
        ] {
            #expect(FileChecksum(output: Array(text.utf8)) == nil, "\(text)")
        }
        #expect(FileChecksum(output: Array("12 34\n".utf8)) == FileChecksum(value: 12, byteCount: 34))
    }
}

import TestSupport
import Testing

@testable import Collector

/// What comes compressed is from a host that may mean harm.
@Suite struct GzipTextTests {
    /// One gzip member with one stored block.
    ///
    /// Source: RFC 1952 section 2.3, RFC 1951 section 3.2.4.
    private static func member(_ text: [UInt8]) -> [UInt8] {
        var crc = CRC32()
        text.withUnsafeBytes { crc.update($0) }
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(text.count, 2) + little(~text.count, 2) + text
            + little(Int(crc.value), 4) + little(text.count, 4)
    }

    @Test func textComesOutAsItWas() throws {
        for text in ["", "x", "a line\n"] {
            let bytes = Array(text.utf8)
            let result = try GzipText.decompressed(Self.member(bytes), limit: bytes.count, what: "x")
            #expect(result == bytes)
        }
    }

    @Test func moreThanWasAskedForIsRefusedWhateverItClaims() {
        let bytes = [UInt8](repeating: 65, count: 1_000)
        for limit in [0, 1, 999] {
            #expect(throws: CollectorError.protocolViolation("x", reason: "more came than was asked for")) {
                try GzipText.decompressed(Self.member(bytes), limit: limit, what: "x")
            }
        }
    }

    @Test func damageIsRefused() {
        let good = Self.member(Array("hello, hello\n".utf8))
        for length in good.indices {
            #expect(throws: CollectorError.self) {
                try GzipText.decompressed(Array(good[..<length]), limit: 100, what: "x")
            }
        }
        #expect(throws: CollectorError.self) { try GzipText.decompressed(good + [0], limit: 100, what: "x") }
        for index in good.indices {
            for bit in 0..<8 {
                var bytes = good
                bytes[index] ^= 1 << bit
                // Some bits of the head mean nothing; none may change the text.
                if let text = try? GzipText.decompressed(bytes, limit: 100, what: "x") {
                    #expect(text == Array("hello, hello\n".utf8))
                }
            }
        }
    }
}

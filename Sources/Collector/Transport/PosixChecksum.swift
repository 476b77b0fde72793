import CDeflate

/// The checksum of `cksum`, which every POSIX system has: quick enough to be had of a whole log, unlike a SHA-256.
///
/// It finds what went wrong by accident, one change in four thousand million left aside, and nothing that is done on
/// purpose. Against a host that means harm it need not: such a host can tell any SHA-256 as well.
///
/// It is the CRC-32 of zip with the bits of each byte the other way round, begun at 0, with the length behind the
/// bytes. Source: POSIX.1-2017, XCU cksum; libdeflate.h.
package struct PosixChecksum: Sendable {
    /// How many bytes were added.
    package private(set) var byteCount = 0
    /// The register as libdeflate takes it, inverted.
    private var register: UInt32 = 0xFFFF_FFFF

    /// Of no bytes.
    package init() {}

    /// Adds bytes.
    ///
    /// - Parameter bytes: those that come next.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // A piece stays in the first cache between being turned round and being counted.
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { piece in
            var start = 0
            while start < bytes.count {
                let count = min(piece.count, bytes.count - start)
                let words = count / 8
                for index in 0..<words {
                    let word = bytes.loadUnaligned(fromByteOffset: start + index * 8, as: UInt64.self)
                    piece.storeBytes(of: Self.turned(word), toByteOffset: index * 8, as: UInt64.self)
                }
                for index in words * 8..<count {
                    piece[index] = UInt8(truncatingIfNeeded: Self.turned(UInt64(bytes[start + index])))
                }
                register = libdeflate_crc32(register, piece.baseAddress, count)
                start += count
            }
        }
        byteCount += bytes.count
    }

    /// What `cksum` tells of the bytes so far.
    package var value: UInt32 {
        var length = UInt64(byteCount)
        var rest = self
        while length > 0 {
            withUnsafeBytes(of: UInt8(truncatingIfNeeded: length)) { rest.update($0) }
            length >>= 8
        }
        let bits = Self.turned(UInt64(rest.register.byteSwapped))
        return UInt32(truncatingIfNeeded: bits)
    }

    /// The bits of each byte in the opposite order.
    @inline(__always)
    private static func turned(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word >> 1) & 0x5555_5555_5555_5555 | (word & 0x5555_5555_5555_5555) << 1
        word = (word >> 2) & 0x3333_3333_3333_3333 | (word & 0x3333_3333_3333_3333) << 2
        return (word >> 4) & 0x0F0F_0F0F_0F0F_0F0F | (word & 0x0F0F_0F0F_0F0F_0F0F) << 4
    }
}

/// What another host's `cksum` told of a whole file.
public struct FileChecksum: Sendable, Hashable {
    /// The checksum.
    public var value: UInt32
    /// Of how many bytes.
    public var byteCount: Int

    /// - Parameters:
    ///   - value: the checksum.
    ///   - byteCount: of how many bytes.
    public init(value: UInt32, byteCount: Int) {
        self.value = value
        self.byteCount = byteCount
    }

    /// Reads what `cksum` prints of its input: two numbers.
    init?(output: [UInt8]) {
        let words = String(decoding: output.prefix(64), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let value = UInt32(words[0]), let byteCount = Int(words[1]), byteCount >= 0
        else {
            return nil
        }
        self.init(value: value, byteCount: byteCount)
    }
}

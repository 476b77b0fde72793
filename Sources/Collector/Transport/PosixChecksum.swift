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
    /// Where it stands, as libdeflate takes it: enough to go on from there.
    package private(set) var register: UInt32 = 0xFFFF_FFFF

    /// Of no bytes.
    package init() {}

    /// Goes on where another one stood.
    ///
    /// - Parameters:
    ///   - register: its register.
    ///   - byteCount: how many bytes it had seen.
    package init(register: UInt32, byteCount: Int) {
        self.register = register
        self.byteCount = byteCount
    }

    /// Adds bytes.
    ///
    /// - Parameter bytes: those that come next.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // A piece stays in the first cache between being turned round and being counted.
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { piece in
            var start = 0
            while start < bytes.count {
                let count = min(piece.count, bytes.count - start)
                let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
                Self.turn(part, into: piece)
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
        let bits = Self.turned(SIMD8(repeating: UInt64(rest.register.byteSwapped)))
        return UInt32(truncatingIfNeeded: bits[0])
    }

    /// Writes bytes with the bits of each in the opposite order, 64 at a time in the processor's vectors.
    private static func turn(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        guard let from = bytes.baseAddress, let to = output.baseAddress, output.count >= bytes.count else {
            return
        }
        let stride = 64
        var index = 0
        while index <= bytes.count - stride {
            let block = from.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt64>.self)
            to.storeBytes(of: turned(block), toByteOffset: index, as: SIMD8<UInt64>.self)
            index &+= stride
        }
        while index < bytes.count {
            output[index] = UInt8(truncatingIfNeeded: turned(SIMD8(repeating: UInt64(bytes[index])))[0])
            index &+= 1
        }
    }

    @inline(__always)
    private static func turned(_ words: SIMD8<UInt64>) -> SIMD8<UInt64> {
        let (odd, pair, half) = (
            SIMD8<UInt64>(repeating: 0x5555_5555_5555_5555),
            SIMD8<UInt64>(repeating: 0x3333_3333_3333_3333),
            SIMD8<UInt64>(repeating: 0x0F0F_0F0F_0F0F_0F0F)
        )
        var words = (words &>> 1) & odd | (words & odd) &<< 1
        words = (words &>> 2) & pair | (words & pair) &<< 2
        return (words &>> 4) & half | (words & half) &<< 4
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

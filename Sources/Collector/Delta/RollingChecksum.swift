/// The weak checksum of a window of bytes that can be moved on by one byte in constant time.
///
/// It is rsync's, not zlib's Adler-32: bytes are signed, both sums begin at 0 and wrap at 2^16.
/// Source: rsync, checksum.c, `get_checksum1`; Tridgell, "Efficient Algorithms for Sorting and
/// Synchronization", 1999, section 3.2.
struct RollingChecksum: Sendable, Hashable {
    private var sum: UInt32 = 0
    private var weightedSum: UInt32 = 0
    private(set) var count: UInt32 = 0

    /// Of nothing.
    init() {}

    /// Of a whole window.
    init(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            sum &+= Self.extended(byte)
            weightedSum &+= sum
        }
        count = UInt32(truncatingIfNeeded: bytes.count)
    }

    /// Both sums, the weighted one in the upper half.
    var value: UInt32 { sum & 0xFFFF | weightedSum << 16 }

    /// Moves the window on by one byte.
    mutating func roll(out old: UInt8, in new: UInt8) {
        let (old, new) = (Self.extended(old), Self.extended(new))
        sum = sum &- old &+ new
        weightedSum = weightedSum &- count &* old &+ sum
    }

    /// Moves the window's start on by one byte and leaves its end.
    mutating func shrink(out old: UInt8) {
        let old = Self.extended(old)
        sum = sum &- old
        weightedSum = weightedSum &- count &* old
        count &-= 1
    }

    private static func extended(_ byte: UInt8) -> UInt32 {
        UInt32(bitPattern: Int32(Int8(bitPattern: byte)))
    }
}

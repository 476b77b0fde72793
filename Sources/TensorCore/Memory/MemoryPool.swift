import Glibc
import Synchronization

/// Blocks of memory that are kept for the next tensor of about their size.
///
/// A training step allocates the same sizes again and again. Large blocks that go back to the system come again as
/// pages that must be cleared one by one, which costs as much as a kernel that fills them. What is kept is bounded: batches
/// of ever other lengths would otherwise leave blocks of every size behind.
final class MemoryPool: Sendable {
    /// The one pool of the processor's memory.
    static let shared = MemoryPool()

    /// What is kept at least, and at most beside half of what tensors ever held at once.
    static let smallestReserve = 64 << 20

    private struct State: ~Copyable {
        var free: [Int: [UInt]] = [:]
        var keptByteCount = 0
        var liveByteCount = 0
        var peakByteCount = 0
    }

    private let state = Mutex(State())

    /// Vector registers and cache lines are 64 bytes wide at most.
    private static let alignment = 64
    private static let hugePage = 2 << 20

    /// How large a block is that holds so many bytes: an eighth of its size is wasted at most.
    static func blockSize(for byteCount: Int) -> Int {
        let needed = max(byteCount, 256)
        let power = Int.bitWidth - 1 - (needed - 1).leadingZeroBitCount
        let step = max(64, (1 << power) / 8)
        return (needed + step - 1) / step * step
    }

    /// A block of at least so many bytes, whose contents are undefined.
    func allocate(_ byteCount: Int) throws(TensorError) -> UnsafeMutableRawPointer {
        let size = Self.blockSize(for: byteCount)
        let kept = state.withLock { state -> UInt? in
            state.liveByteCount += size
            state.peakByteCount = max(state.peakByteCount, state.liveByteCount)
            guard let address = state.free[size]?.popLast() else { return nil }
            state.keptByteCount -= size
            return address
        }
        if let kept, let block = unsafe UnsafeMutableRawPointer(bitPattern: kept) { return unsafe block }
        let (isFull, isKeeping) = state.withLock { state in
            (state.keptByteCount > Self.smallestReserve + state.peakByteCount / 2, state.keptByteCount > 0)
        }
        if isFull { trim() }
        if let block = unsafe newBlock(size) { return unsafe block }
        // What nobody uses may be what is missing.
        if isKeeping, !isFull {
            trim()
            if let block = unsafe newBlock(size) { return unsafe block }
        }
        state.withLock { $0.liveByteCount -= size }
        throw .outOfMemory(byteCount: byteCount)
    }

    /// A block from the system; nil where it has none.
    private func newBlock(_ size: Int) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        let alignment = size >= Self.hugePage ? Self.hugePage : Self.alignment
        guard unsafe posix_memalign(&block, alignment, size) == 0, let block = unsafe block else {
            return nil
        }
        if size >= Self.hugePage { unsafe _ = madvise(block, size, 14) }  // MADV_HUGEPAGE
        return unsafe block
    }

    /// Takes a block back.
    ///
    /// - Parameters:
    ///   - block: what ``allocate(_:)`` returned.
    ///   - byteCount: what was asked for.
    func give(back block: UnsafeMutableRawPointer, _ byteCount: Int) {
        let size = Self.blockSize(for: byteCount)
        let address = UInt(bitPattern: block)
        state.withLock { state in
            state.liveByteCount -= size
            state.keptByteCount += size
            state.free[size, default: []].append(address)
        }
    }

    /// Gives what nobody uses back to the system.
    func trim() {
        let blocks = state.withLock { state in
            let blocks = state.free.values.flatMap { $0 }
            state.free = [:]
            state.keptByteCount = 0
            return blocks
        }
        for address in blocks { unsafe free(UnsafeMutableRawPointer(bitPattern: address)) }
    }

    /// How many bytes tensors hold now, and held at most.
    var usage: (live: Int, peak: Int, kept: Int) {
        state.withLock { ($0.liveByteCount, $0.peakByteCount, $0.keptByteCount) }
    }
}

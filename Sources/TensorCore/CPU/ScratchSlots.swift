import Synchronization

/// Scratch memory for the threads of one kernel: as many pieces as threads, however many tasks there are, so that each
/// task finds memory that is still in its processor's cache.
final class ScratchSlots: Sendable {
    private let memory: Tensor
    private let length: Int
    private let free: Mutex<[Int]>

    /// - Parameters:
    ///   - length: how many numbers one task needs.
    ///   - taskCount: how many tasks there are; fewer than threads need fewer pieces.
    ///   - backend: the processor.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    init(_ length: Int, taskCount: Int, on backend: CPUBackend) throws(TensorError) {
        let count = max(1, min(taskCount, ThreadPool.threadCount))
        // Whole cache lines, so that no two threads write to one.
        self.length = (length + 15) / 16 * 16
        memory = try Tensor.undefined([count * self.length], on: backend)
        free = Mutex(Array(0..<count))
    }

    /// Lends a piece, whose contents are undefined, to a task of ``ThreadPool``.
    func use(_ body: (UnsafeMutablePointer<Float>) -> Void) {
        guard let slot = free.withLock({ $0.popLast() }) else {
            preconditionFailure("more tasks run at once than there are threads")
        }
        unsafe body(memory.pointer + slot * length)
        free.withLock { $0.append(slot) }
    }
}

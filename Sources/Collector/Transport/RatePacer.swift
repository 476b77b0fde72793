import Synchronization

/// Keeps the average of many reads at or below a rate, however many tasks share it.
///
/// Each piece reserves its stretch of time behind those before it, so that concurrent readers queue instead of
/// each going at the full rate.
final class RatePacer: Sendable {
    /// How many bytes one piece should have at most: a tenth of a second's worth, so the rate stays even.
    let pieceLength: Int

    private let bytesPerSecond: Double
    private let time: MonotonicTime
    private let nextFree = Mutex(Duration.zero)

    /// - Parameters:
    ///   - bytesPerSecond: the rate, above zero.
    ///   - time: the clock.
    init(bytesPerSecond: Int, time: MonotonicTime = .system) {
        self.bytesPerSecond = Double(max(1, bytesPerSecond))
        pieceLength = min(max(bytesPerSecond / 10, 512), 1 << 20)
        self.time = time
    }

    /// Waits until `byteCount` more bytes may go.
    ///
    /// - Throws: `CancellationError`.
    func pace(_ byteCount: Int) async throws {
        let current = time.now()
        let start = nextFree.withLock { next in
            let start = max(next, current)
            next = start + .seconds(Double(byteCount) / bytesPerSecond)
            return start
        }
        if start > current { try await time.sleep(start - current) }
    }
}

import Glibc

/// Keeps one transfer at or below its speed by making libcurl's thread wait.
///
/// `CURLOPT_MAX_RECV_SPEED_LARGE` does not: libcurl 7.88 takes up to a hundred portions before it looks at it
/// (transfer.c, `readwrite_data`), so that from a near server 60 MB came at any speed. The thread belongs to one
/// connection, whose peer then waits as it would for a slow disk.
struct CurlPace {
    /// Bytes a second; nil for as fast as it goes.
    let bytesPerSecond: Int?
    private var start: ContinuousClock.Instant?

    init(bytesPerSecond: Int?) { self.bytesPerSecond = bytesPerSecond }

    /// Waits until `received` bytes may have come.
    ///
    /// - Parameters:
    ///   - received: how many came so far; the first portion is never waited for.
    ///   - isCancelled: asked some times a second.
    mutating func wait(received: Int, isCancelled: () -> Bool) {
        guard let bytesPerSecond, bytesPerSecond > 0 else { return }
        let start = self.start ?? .now
        self.start = start
        let due = start + .seconds(Double(received) / Double(bytesPerSecond))
        while !isCancelled() {
            let (seconds, attoseconds) = ContinuousClock.now.duration(to: due).components
            let milliseconds = min(seconds, 1) * 1_000 + attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { return }
            // Short, since a cancellation does not interrupt it.
            _ = poll(nil, 0, Int32(min(milliseconds, 50)))
        }
    }
}

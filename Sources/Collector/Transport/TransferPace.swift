/// Keeps transfers at or below an average speed, as `--bwlimit` of rsync does.
actor TransferPace {
    private let bytesPerSecond: Double?
    private let clock: any Clock<Duration>
    private let start = ContinuousClock.now
    private var ledger = Ledger()

    /// When the bytes so far may have been sent.
    struct Ledger {
        /// Since the start.
        private(set) var freeAt = Duration.zero

        /// Books bytes that were sent.
        ///
        /// - Parameters:
        ///   - bytes: how many.
        ///   - now: since the start.
        ///   - bytesPerSecond: the average allowed.
        /// - Returns: how long to wait before the next.
        mutating func book(_ bytes: Int, at now: Duration, bytesPerSecond: Double) -> Duration {
            // Time without traffic is not saved up.
            freeAt = max(freeAt, now) + .seconds(Double(bytes) / bytesPerSecond)
            return freeAt - now
        }
    }

    init(bytesPerSecond: Int?, clock: any Clock<Duration> = ContinuousClock()) {
        self.bytesPerSecond = bytesPerSecond.flatMap { $0 > 0 ? Double($0) : nil }
        self.clock = clock
    }

    /// Waits until so many bytes more are within the limit.
    func pass(_ bytes: Int) async throws {
        guard let bytesPerSecond else { return }
        let wait = ledger.book(bytes, at: start.duration(to: .now), bytesPerSecond: bytesPerSecond)
        if wait > .milliseconds(1) { try await clock.sleep(for: wait) }
    }
}

/// A clock that never goes back, and a way to wait by it; tests bring their own.
public struct MonotonicTime: Sendable {
    /// The time since any fixed moment.
    public let now: @Sendable () -> Duration
    /// Waits, or throws `CancellationError`.
    public let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - now: the time since any fixed moment.
    ///   - sleep: waits.
    public init(
        now: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The system's.
    public static let system: MonotonicTime = {
        let clock = ContinuousClock()
        let start = clock.now
        return MonotonicTime(
            now: { start.duration(to: clock.now) },
            sleep: { try await clock.sleep(for: $0) }
        )
    }()
}

import Synchronization

/// A clock on which sleeping takes no time: it jumps to when the sleeper wants to wake.
final class SteppingClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let state = Mutex<Duration>(.zero)
    /// Called before every jump with the time to come.
    private let onSleep: @Sendable (Duration) -> Void

    init(onSleep: @escaping @Sendable (Duration) -> Void = { _ in }) { self.onSleep = onSleep }

    var now: Instant { Instant(offset: state.withLock { $0 }) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        onSleep(deadline.offset)
        state.withLock { $0 = max($0, deadline.offset) }
    }
}

import Synchronization

/// A clock that a test moves.
final class ClockReading: Sendable {
    private let reading: Mutex<ContinuousClock.Instant>
    init(_ start: ContinuousClock.Instant) { reading = Mutex(start) }
    var now: ContinuousClock.Instant { reading.withLock { $0 } }
    func advance(seconds: Double) { reading.withLock { $0 = $0 + .seconds(seconds) } }
}

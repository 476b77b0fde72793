import Synchronization

/// Notices when nothing has come for too long, by counting rather than by reading a clock.
///
/// It looks four times within the time allowed, so it fires between once and one and a quarter of it.
final class SilenceWatch: Sendable {
    private let seconds: Double
    private let clock: any Clock<Duration>
    private let events = Atomic<UInt64>(0)
    private let waiters = Atomic<Int>(0)
    private let fired = Atomic<Bool>(false)

    init(seconds: Double, clock: any Clock<Duration> = ContinuousClock()) {
        self.seconds = max(0.01, min(seconds, 1e9))
        self.clock = clock
    }

    /// Whether the time was up once.
    var hasFired: Bool { fired.load(ordering: .acquiring) }

    /// Something came, or went.
    func touch() { events.add(1, ordering: .relaxed) }

    /// From now on something is expected.
    func begin() {
        touch()
        waiters.add(1, ordering: .relaxed)
    }

    /// It is not expected any more.
    func end() {
        touch()
        waiters.subtract(1, ordering: .relaxed)
    }

    /// Looks until the time is up or the task is cancelled.
    ///
    /// - Parameter alarm: called once, when the time is up.
    func run(_ alarm: () -> Void) async {
        var last = events.load(ordering: .relaxed)
        var quiet = 0
        while true {
            do { try await clock.sleep(for: .seconds(seconds / 4)) } catch { return }
            let now = events.load(ordering: .relaxed)
            let isExpected = waiters.load(ordering: .relaxed) > 0
            quiet = now == last && isExpected ? quiet + 1 : 0
            last = now
            if quiet >= 4 {
                fired.store(true, ordering: .releasing)
                alarm()
                return
            }
        }
    }
}

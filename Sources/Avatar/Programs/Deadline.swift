import Synchronization

/// Ends something that takes too long.
final class Deadline: Sendable {
    private enum State { case waiting, ended, passed }

    private let seconds: Double
    private let wait: @Sendable (Double) async throws -> Void
    private let action: @Sendable () -> Void
    private let state = Mutex(State.waiting)
    private let (ends, continuation) = AsyncStream.makeStream(of: Void.self)

    /// - Parameters:
    ///   - seconds: how long it may take.
    ///   - wait: waits that many seconds, or until it is cancelled; tests know when the time is up.
    ///   - action: ends it, from any thread.
    init(
        seconds: Double,
        wait: @escaping @Sendable (Double) async throws -> Void = Deadline.sleep,
        action: @escaping @Sendable () -> Void
    ) {
        self.seconds = max(0, min(seconds, 1e9))
        self.wait = wait
        self.action = action
    }

    /// Waits that many seconds by the machine's clock.
    static let sleep: @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }

    /// Whether the time was up before the end came.
    var hasPassed: Bool { state.withLock { $0 == .passed } }

    /// The end has come.
    func end() {
        state.withLock { if $0 == .waiting { $0 = .ended } }
        continuation.finish()
    }

    /// Waits for the end, for the time to be up, or for cancellation.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [ends] in for await _ in ends {} }
            group.addTask { [self] in
                do { try await wait(seconds) } catch { return }
                let isUp = state.withLock { state in
                    if state == .waiting { state = .passed }
                    return state == .passed
                }
                if isUp { action() }
            }
            await group.next()
            group.cancelAll()
        }
    }
}

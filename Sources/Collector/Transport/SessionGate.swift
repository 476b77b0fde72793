import Synchronization

/// Lets so many through at a time; the others queue in their order.
///
/// sshd takes ten sessions over one connection (`MaxSessions`), and refuses the next.
final class SessionGate: Sendable {
    private struct State {
        var free: Int
        var next: UInt64 = 0
        var queue: [(number: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        /// Those who gave up before they stood in the queue.
        var abandoned: Set<UInt64> = []
    }

    private let state: Mutex<State>

    init(limit: Int) { state = Mutex(State(free: max(1, limit))) }

    /// Waits for room; ``leave()`` must follow.
    func enter() async throws {
        let number = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if state.abandoned.remove(number) != nil { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.queue.append((number, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.queue.firstIndex(where: { $0.number == number }) else {
                    state.abandoned.insert(number)
                    return nil
                }
                return state.queue.remove(at: index).continuation
            }
            waiting?.resume(throwing: CancellationError())
        }
        // A cancellation just after the gate opened leaves its mark behind.
        _ = state.withLock { $0.abandoned.remove(number) }
    }

    /// Makes room.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.queue.isEmpty else {
                state.free += 1
                return nil
            }
            return state.queue.removeFirst().continuation
        }
        next?.resume()
    }
}

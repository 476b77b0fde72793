import Synchronization

/// Lets one transfer through at a time, first come, first served.
///
/// An actor would queue its calls, too, but a task that is cancelled while it waits for a long transfer to end
/// would have to wait on. Here it leaves the queue at once.
final class TransferQueue: Sendable {
    private struct State {
        var isBusy = false
        var nextTicket: UInt64 = 0
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        /// Cancelled before they came to wait.
        var withdrawn: Set<UInt64> = []
    }

    private let state = Mutex(State())

    /// Whether a transfer is under way.
    var isBusy: Bool { state.withLock { $0.isBusy } }

    /// Waits for its turn and runs `body`.
    ///
    /// - Throws: what `body` throws; `CancellationError` where the task was cancelled before its turn came.
    func run<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        let ticket = state.withLock { state in
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if state.withdrawn.remove(ticket) != nil { return .failure(CancellationError()) }
                    guard state.isBusy else {
                        state.isBusy = true
                        return .success(())
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            withdraw(ticket)
        }
        // Cancelled after the turn had come: nothing may be left behind for a ticket that is used up.
        _ = state.withLock { $0.withdrawn.remove(ticket) }
    }

    private func withdraw(_ ticket: UInt64) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) {
                return state.waiting.remove(at: index).continuation
            }
            state.withdrawn.insert(ticket)
            return nil
        }
        continuation?.resume(throwing: CancellationError())
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.waiting.isEmpty else {
                state.isBusy = false
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}

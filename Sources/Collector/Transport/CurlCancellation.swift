import Synchronization

/// Carries the cancellation of a task to a transfer that blocks another thread.
final class CurlCancellation: Sendable {
    private struct State {
        var isCancelled = false
        /// The sockets of the transfer while it runs, and no longer: afterwards they serve another one.
        var sockets: CurlSockets?
    }

    private let state = Mutex(State())

    /// Whether the task was cancelled.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Cancels: a running transfer is cut off, one that has not begun will not.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.sockets?.cut()
        }
    }

    /// Ends the connections of the running transfer.
    func cutConnection() { state.withLock { $0.sockets?.cut() } }

    /// The transfer begins.
    ///
    /// - Throws: `CancellationError` where it must not any more.
    func begin(_ sockets: CurlSockets) throws {
        try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            state.sockets = sockets
        }
    }

    /// The transfer has ended; a cancellation from now on is too late to do anything.
    func end() { state.withLock { $0.sockets = nil } }
}

import CCurl
import Synchronization

/// Ends a transfer from another thread.
final class WebCancellation: Sendable {
    /// `@unchecked Sendable`: the pointer is used under the lock alone, by the one call of libcurl that any thread may
    /// make, and is taken away before its memory is.
    private struct State: @unchecked Sendable {
        var isCancelled = false
        var multi: UnsafeMutableRawPointer?
    }

    private let state = Mutex(State())

    /// Whether the transfer is to end.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Ends it; one that has not begun will not.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let multi = state.multi { curl_multi_wakeup(multi) }
        }
    }

    /// The transfer begins.
    ///
    /// - Parameter multi: the `CURLM *` that runs it.
    /// - Throws: `CancellationError` where it must not any more.
    func begin(_ multi: UnsafeMutableRawPointer) throws {
        // As a number, because a pointer may not be sent into a lock.
        let address = UInt(bitPattern: multi)
        try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            state.multi = UnsafeMutableRawPointer(bitPattern: address)
        }
    }

    /// The transfer has ended; libcurl's memory goes.
    func end() { state.withLock { $0.multi = nil } }
}

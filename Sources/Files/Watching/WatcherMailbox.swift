import CLinux
import Glibc
import Synchronization

/// Where the watching thread leaves changes and the consumer waits for them.
final class WatcherMailbox: Sendable {
    private struct State {
        var pending = FileWatcher.Changes()
        var waiter: CheckedContinuation<FileWatcher.Changes?, Never>?
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Wakes the thread from poll(2): somebody waits, or it must end.
    private let wakeUp: OpenFile

    init() throws(FilesError) {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw .system(operation: "start watching", path: "eventfd", code: errno)
        }
        wakeUp = OpenFile(owning: descriptor, path: "eventfd")
    }

    var wakeUpDescriptor: Int32 { wakeUp.descriptor }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Whether somebody waits and there is something to deliver.
    var canDeliver: Bool { state.withLock { $0.waiter != nil && !$0.pending.isEmpty } }

    func post(_ changes: FileWatcher.Changes) {
        state.withLock { $0.pending.formUnion(changes) }
    }

    /// Hands everything pending to the waiter.
    func deliver() {
        let delivery = state.withLock { state in
            guard let waiter = state.waiter, !state.pending.isEmpty else {
                return nil as (CheckedContinuation<FileWatcher.Changes?, Never>, FileWatcher.Changes)?
            }
            defer { (state.waiter, state.pending) = (nil, FileWatcher.Changes()) }
            return (waiter, state.pending)
        }
        delivery.map { $0.resume(returning: $1) }
    }

    func next() async -> FileWatcher.Changes? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    precondition(state.waiter == nil, "a FileWatcher has one consumer")
                    if state.isStopped || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume(returning: nil) } else { poke() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: nil)
        }
    }

    func stop() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isStopped = true
            return state.waiter
        }
        waiter?.resume(returning: nil)
        poke()
    }

    private func poke() { _ = eventfd_write(wakeUp.descriptor, 1) }

    func drainWakeUps() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(wakeUp.descriptor, &count)
    }
}

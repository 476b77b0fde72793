import Synchronization

/// Wakes a task that waits for time to pass.
///
/// It is remembered when raised while nobody waits, until the next wait begins.
final class WakeSignal: Sendable {
    private struct State {
        var isRaised = false
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var ended: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Wakes whoever waits.
    func raise() {
        let waiting = state.withLock { state in
            let waiting = state.waiting.values.map { $0 }
            if waiting.isEmpty { state.isRaised = true }
            state.waiting = [:]
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the time has come, the signal is raised, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - duration: how long at most.
    ///   - time: the clock.
    func wait(_ duration: Duration, _ time: MonotonicTime) async {
        guard duration > .zero else {
            await Task.yield()
            return
        }
        await withTaskGroup { group in
            group.addTask { try? await time.sleep(duration) }
            group.addTask { await self.raised() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Waits until the signal is raised, or the task is cancelled.
    func raised() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.ended.remove(id) != nil || state.isRaised {
                        state.isRaised = false
                        return true
                    }
                    state.waiting[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                guard let continuation = state.waiting.removeValue(forKey: id) else {
                    state.ended.insert(id)
                    return CheckedContinuation<Void, Never>?.none
                }
                return continuation
            }
            continuation?.resume()
        }
        _ = state.withLock { $0.ended.remove(id) }
    }
}

/// Tells everybody once that the end was asked for.
final class StopRequest: Sendable {
    private struct State {
        var isStopping = false
        var signals: [WakeSignal] = []
    }

    private let state = Mutex(State())

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Wakes this signal, too, when the end is asked for.
    func add(_ signal: WakeSignal) {
        let isStopping = state.withLock { state in
            state.signals.append(signal)
            return state.isStopping
        }
        if isStopping { signal.raise() }
    }

    func raise() {
        let signals = state.withLock { state in
            state.isStopping = true
            return state.signals
        }
        for signal in signals { signal.raise() }
    }
}

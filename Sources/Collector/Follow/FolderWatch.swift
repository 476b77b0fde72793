import Files
import Synchronization

/// Tells which files below a local source change; silent for other sources.
final class FolderWatch: Sendable {
    private struct State {
        var changed: Set<RelativePath> = []
        var needsRescan = false
        var isWatching = false
    }

    private let root: String?
    private let signal: WakeSignal
    private let state = Mutex(State())

    /// - Parameters:
    ///   - root: the folder; nil where there is nothing to watch.
    ///   - signal: raised at every change.
    init(root: String?, signal: WakeSignal) {
        self.root = root
        self.signal = signal
    }

    /// Whether changes are told, so that looking again and again is not needed.
    var isWatching: Bool { state.withLock { $0.isWatching } }

    /// Watches until it is cancelled.
    ///
    /// Without watches, which a system may refuse, files are looked at by the clock as everywhere else.
    func run() async {
        guard let root, let watcher = try? FileWatcher(roots: [root], minimumInterval: .milliseconds(50))
        else {
            return
        }
        state.withLock { $0.isWatching = true }
        for await changes in watcher {
            state.withLock { state in
                state.changed.formUnion(changes.paths(of: 0))
                state.needsRescan = state.needsRescan || changes.needsRescan
                // Folders that cannot be watched are looked at by the clock.
                if !changes.problems.isEmpty { state.isWatching = false }
            }
            signal.raise()
        }
        state.withLock { $0.isWatching = false }
    }

    /// What changed since the last call.
    func takeChanged() -> Set<RelativePath> {
        state.withLock { state in
            defer { state.changed = [] }
            return state.changed
        }
    }

    /// Whether changes were lost since the last call.
    func takesRescan() -> Bool {
        state.withLock { state in
            defer { state.needsRescan = false }
            return state.needsRescan
        }
    }
}

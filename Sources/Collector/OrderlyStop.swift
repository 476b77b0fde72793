import Synchronization

/// Asks work that runs for weeks to end: first well, then at once.
///
/// The first request, Ctrl-C or `systemctl stop`, starts the final pass; the second one ends that, too.
public final class OrderlyStop: Sendable {
    /// How urgent a request is.
    public enum Level: Int, Sendable, Comparable {
        case none, finish, abort

        /// Whether one is less urgent.
        ///
        /// - Parameters:
        ///   - left: one.
        ///   - right: another.
        /// - Returns: whether the first is less urgent.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var level = Level.none
        var serial = 0
        var waiting: [Int: (level: Level, continuation: AsyncStream<Void>.Continuation)] = [:]
    }

    private let state = Mutex(State())

    /// Nothing has been asked for yet.
    public init() {}

    /// Asks once more: for the final pass, and then for an end without one.
    public func request() {
        state.withLock { state in
            state.level = state.level == .none ? .finish : .abort
            for (key, waiting) in state.waiting where waiting.level <= state.level {
                waiting.continuation.finish()
                state.waiting[key] = nil
            }
        }
    }

    /// What has been asked for so far.
    var level: Level { state.withLock { $0.level } }

    /// Waits until so much is asked for, or the task is cancelled.
    ///
    /// - Parameter level: how much.
    public func wait(for level: Level) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let key = state.withLock { state -> Int? in
            guard state.level < level else { return nil }
            state.serial += 1
            state.waiting[state.serial] = (level, continuation)
            return state.serial
        }
        guard let key else { return }
        for await _ in stream {}
        state.withLock { $0.waiting[key] = nil }
    }
}

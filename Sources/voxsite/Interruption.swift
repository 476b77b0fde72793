import Glibc
import UnixSignals

/// Work that Ctrl-C or a polite kill cancels.
enum Interruption {
    private enum Ending<Value: Sendable>: Sendable {
        case finished(Value)
        case interrupted
    }

    /// Runs `body`; a signal cancels it, and it ends as it then does.
    ///
    /// - Returns: what `body` returned.
    /// - Throws: what `body` throws; `CancellationError` after a signal.
    static func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Ending<Value>.self) { group in
            group.addTask {
                for await _ in signals { break }
                return .interrupted
            }
            group.addTask { .finished(try await body()) }
            defer { group.cancelAll() }
            guard case .finished(let value)? = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    /// Runs `body`, which waits in the kernel where nothing cancels it: a signal ends the process at once.
    ///
    /// For what has made nothing yet, such as the wait for standard input.
    ///
    /// - Returns: what `body` returned; after a signal the process is gone, with 130.
    /// - Throws: what `body` throws.
    static func exiting<Value>(_ body: () throws -> Value) rethrows -> Value {
        let numbers = [SIGINT, SIGTERM]
        // Of all that could be called, a handler may call hardly more than this.
        let before = numbers.map { signal($0) { _ in _exit(130) } }
        defer { for (number, handler) in zip(numbers, before) { signal(number, handler) } }
        return try body()
    }
}

import Glibc
import Synchronization
import UnixSignals

/// Passes Ctrl-C, polite kills and the end of the terminal on to what runs, and remembers which it was.
final class StopSignals: Sendable {
    private let ask: @Sendable (Int) -> Void
    private let interrupted = Mutex(false)

    /// What comes so soon after another is the same one: `timeout` and many wrappers send theirs to us and to our group.
    private static let echoInterval: Duration = .milliseconds(300)

    /// - Parameter ask: asks what runs to end; gets how often that was asked for, from 1.
    init(_ ask: @escaping @Sendable (Int) -> Void) { self.ask = ask }

    /// Whether the terminal may go without a word: `nohup` asks for that, and must be left in force.
    private static var isHangUpIgnored: Bool {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
    }

    /// Whether it was Ctrl-C: the shell expects to be told.
    var wasInterrupted: Bool { interrupted.withLock { $0 } }

    /// Runs `body` while listening.
    ///
    /// - Returns: what `body` returned.
    func listening<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // Whoever reads our talk may go, a `tee` that is killed or a `head` that has seen enough: the work goes on.
        signal(SIGPIPE, SIG_IGN)
        let signals = await UnixSignalsSequence(
            trapping: Self.isHangUpIgnored ? [.sigint, .sigterm] : [.sigint, .sigterm, .sighup]
        )
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                var last: ContinuousClock.Instant?
                var count = 0
                for await signal in signals {
                    let now = ContinuousClock.now
                    if let last, now - last < Self.echoInterval { continue }
                    last = now
                    count += 1
                    if signal == .sigint { self.interrupted.withLock { $0 = true } }
                    self.ask(count)
                }
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}

import Synchronization
import Trainer
import UnixSignals

/// Passes Ctrl-C and polite kills on to a training run, which then finishes its step and saves; a second one ends it
/// at once.
final class TrainingSignals: Sendable {
    private let stop = TrainingStop()
    private let interrupted = Mutex(false)

    /// Whether it was Ctrl-C: the shell expects to be told.
    var wasInterrupted: Bool { interrupted.withLock { $0 } }

    /// What comes so soon after another is the same one: many wrappers send theirs to us and to our group.
    private static let echoInterval: Duration = .milliseconds(300)

    /// Runs `body` while listening.
    ///
    /// - Parameters:
    ///   - console: says that the signal was heard.
    ///   - body: the training.
    /// - Returns: what `body` returned.
    /// - Throws: what `body` throws.
    func listening<Value: Sendable>(
        console: Console,
        _ body: @escaping @Sendable (TrainingStop) async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                var last: ContinuousClock.Instant?
                for await signal in signals {
                    let now = ContinuousClock.now
                    if let last, now - last < Self.echoInterval { continue }
                    if last != nil { ExitStatus.exit(with: CancellationError()) }
                    last = now
                    if signal == .sigint { self.interrupted.withLock { $0 = true } }
                    self.stop.request()
                    console.say("\nFinishing the step and saving; once more ends at once.")
                }
                return nil
            }
            let stop = stop
            group.addTask { try await body(stop) }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}

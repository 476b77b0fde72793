import Glibc
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Ends the group of services it belongs to at Ctrl-C or a polite kill, and remembers which it was.
final class SignalWatch: Service {
    private let interrupted = Mutex(false)

    /// Whether it was Ctrl-C: the shell expects to be told.
    var wasInterrupted: Bool { interrupted.withLock { $0 } }

    func run() async throws {
        // Whoever reads our talk may go; the work goes on.
        Glibc.signal(SIGPIPE, SIG_IGN)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        for await signal in signals.cancelOnGracefulShutdown() {
            if signal == .sigint { interrupted.withLock { $0 = true } }
            return
        }
    }
}

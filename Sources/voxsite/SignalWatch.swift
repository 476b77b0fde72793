import Glibc
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Ends the group of services it belongs to at Ctrl-C or a polite kill, and remembers which it was.
final class SignalWatch: Service {
    private let interrupted = Mutex(false)

    /// From here on whoever reads our talk may go, and the work goes on.
    init() { signal(SIGPIPE, SIG_IGN) }

    /// Whether it was Ctrl-C: the shell expects to be told.
    var wasInterrupted: Bool { interrupted.withLock { $0 } }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        for await signal in signals.cancelOnGracefulShutdown() {
            if signal == .sigint { interrupted.withLock { $0 = true } }
            return
        }
    }
}

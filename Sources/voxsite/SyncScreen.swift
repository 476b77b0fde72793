import Collector
import Glibc
import Synchronization

/// Lines for standard output and standard error; on a terminal, progress overwrites itself.
final class SyncScreen: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let hasProgress = Mutex(false)

    func write(_ channel: SyncReporter.Channel, _ line: String) {
        switch channel {
        case .output:
            endProgress()
            Self.put(line + "\n", on: STDOUT_FILENO)
        case .talk:
            endProgress()
            Console.error(line)
        case .progress:
            guard isTerminal else { return Console.error(line) }
            hasProgress.withLock { $0 = true }
            Self.put("\r\u{1B}[K" + Console.visible(line), on: STDERR_FILENO)
        }
    }

    /// Ends the line that progress was shown on.
    func endProgress() {
        let had = hasProgress.withLock { had in
            defer { had = false }
            return had
        }
        if had { Self.put("\n", on: STDERR_FILENO) }
    }

    private static func put(_ text: String, on descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }
}

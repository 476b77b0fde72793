import Glibc
import Synchronization
import Trainer

/// Shows a training run: one line that overwrites itself on a terminal, now and then a line elsewhere.
final class TrainingScreen: Sendable {
    private let console: Console
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    private struct State {
        var hasProgress = false
        var shown: ContinuousClock.Instant?
    }

    /// How often a line is shown: often enough to live, and seldom enough for a log file; with `-v` for every step.
    private var interval: Duration {
        isTerminal ? .milliseconds(200) : console.verbosity == .verbose ? .zero : .seconds(60)
    }

    init(console: Console) { self.console = console }

    func show(_ event: TrainingEvent) {
        switch event {
        case .message(let text):
            end()
            console.say(text)
        case .progress(let progress):
            guard console.verbosity != .quiet, isDue() else { return }
            guard isTerminal else { return console.say(Self.line(progress)) }
            state.withLock { $0.hasProgress = true }
            // A line that wraps cannot be overwritten; the last column makes some terminals wrap, too.
            let width = max(1, Self.columnCount - 1)
            Self.put("\r\u{1B}[K" + Self.line(progress, width: width).prefix(width))
        }
    }

    /// Ends the line that progress was shown on.
    func end() {
        let had = state.withLock { state in
            defer { state.hasProgress = false }
            return state.hasProgress
        }
        if had { Self.put("\n") }
    }

    private func isDue() -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            if let shown = state.shown, now - shown < interval { return false }
            state.shown = now
            return true
        }
    }

    /// What is shown of a run; where there is little room, the bar is shorter, for the numbers say more.
    ///
    ///     epoch 3/20 ▕████▎     ▏ step 1200/17840  loss 1.234  3.9 steps/s  1 h 12 min left
    static func line(_ progress: TrainingProgress, width: Int = .max) -> String {
        let share = Double(progress.step) / Double(max(1, progress.totalSteps))
        let loss = (progress.loss * 1000).rounded() / 1000
        let rate = (progress.stepsPerSecond * 100).rounded() / 100
        let left = progress.secondsLeft.map { "  \(duration($0)) left" } ?? ""
        let epoch = min(progress.epoch + 1, progress.epochCount)
        let head = "epoch \(epoch)/\(progress.epochCount) "
        let tail = " step \(progress.step)/\(progress.totalSteps)  loss \(loss)  \(rate) steps/s\(left)"
        // Its two ends take a column each.
        return head + bar(share, width: max(1, min(20, width - head.count - tail.count - 2))) + tail
    }

    private static func bar(_ share: Double, width: Int) -> String {
        let full = Int(min(1, max(0, share)) * Double(width))
        return "▕" + String(repeating: "█", count: full) + String(repeating: " ", count: width - full) + "▏"
    }

    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e8 else { return "long" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        if whole < 86_400 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
        return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }

    /// How wide the terminal is now.
    private static var columnCount: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func put(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

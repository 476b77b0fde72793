import SiteGen
import Synchronization

/// Says what builds did: in words on standard error, as JSON on standard output where asked.
final class BuildReporter: Sendable {
    private let console: Console
    private let output: String
    private let printsJSON: Bool
    private let isFirst = Mutex(true)

    init(console: Console, output: String, printsJSON: Bool) {
        self.console = console
        self.output = output
        self.printsJSON = printsJSON
    }

    func tell(_ result: Result<BuildReport, any Error>) {
        let isFirst = isFirst.withLock { first in
            defer { first = false }
            return first
        }
        switch result {
        case .success(let report):
            for warning in report.warnings { console.say("warning: \(warning)") }
            if isFirst { console.say(summary(report)) } else { console.detail(summary(report)) }
            if printsJSON { print(report.json) }
        case .failure(let error):
            Console.error("build failed, the site stays as it was: \(error)")
        }
    }

    private func summary(_ report: BuildReport) -> String {
        var text = "\(report.runCount) \(report.runCount == 1 ? "run" : "runs") → \(output)"
        text += " in \(milliseconds(report.totalSeconds)) ms: "
        let count = report.changedPaths.count
        text += count == 0 ? "nothing changed" : "\(count) \(count == 1 ? "file" : "files") changed"
        if report.badLineCount > 0 {
            text +=
                "; \(report.badLineCount) \(report.badLineCount == 1 ? "line" : "lines") could not be read"
        }
        if !report.isAtomic {
            text += "; files were replaced one by one, as this folder cannot be swapped whole"
        }
        return text
    }

    private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded(.up)) }
}

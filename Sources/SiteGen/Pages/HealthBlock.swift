/// How the log itself is: what was read, what could not be, where attempts took over from each other.
struct HealthBlock {
    let report: RunReport

    private static let maximumRestarts = 12

    var context: TemplateContext {
        let problems = report.problems
        let nonFinite = report.series.reduce(0) { $0 + $1.nonFiniteCount }
        return [
            .logPath: .text(Wording.shortened(report.logPath, to: TextLimit.value)),
            .seriesCount: .text(Wording.grouped(report.series.count)),
            .valueCount: .text(Wording.grouped(report.series.reduce(0) { $0 + $1.count })),
            .nonFinite: .optional(nonFinite > 0 ? Wording.count(nonFinite, "value") : nil),
            .restarts: .text(restarts),
            .badLines: .text(problems.badLineCount == 0 ? "none" : Wording.grouped(problems.badLineCount)),
            .unfinished: .optional(
                problems.unfinishedBytes > 0
                    ? "\(Wording.count(problems.unfinishedBytes, "byte")) waiting for the end of the line"
                    : nil
            ),
            .hasFailures: .flag(!problems.failures.isEmpty),
            .failures: .texts(Self.lines(problems.failures)),
            .hasBadLines: .flag(!problems.examples.isEmpty),
            .examples: .texts(Self.lines(problems.examples)),
        ]
    }

    private var restarts: String {
        let steps = report.restarts
        guard !steps.isEmpty else { return "none" }
        let shown = steps.suffix(Self.maximumRestarts).map { Wording.step($0) }.joined(separator: ", ")
        let rest = steps.count - Self.maximumRestarts
        let unit = report.axis == .line ? "line" : "step"
        return "\(Wording.grouped(steps.count)), at \(unit) \(shown)"
            + (rest > 0 ? " and \(Wording.grouped(rest)) earlier" : "")
    }

    private static func lines(_ lines: [String]) -> [String] {
        lines.prefix(20).map { Wording.shortened($0, to: TextLimit.value) }
    }
}

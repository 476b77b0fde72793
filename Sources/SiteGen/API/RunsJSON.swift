/// `api/runs.json`: every run in a few lines, in the order given.
enum RunsJSON {
    static func bytes(for reports: [RunReport]) -> [UInt8] {
        JSONWriter.object { writer in
            writer.member(array: "runs", reports) { writer, report in
                writer.object { run(report, &$0) }
            }
        }
    }

    private static func run(_ report: RunReport, _ writer: inout JSONWriter) {
        writer.member("id", report.id)
        writer.member("name", report.name)
        writer.member("engine", report.engine)
        writer.member("stage", report.stage)
        writer.member(array: "tags", report.tags) { $0.value($1) }
        writer.statusMembers(of: report)
        writer.progressMember(of: report)
        writer.member("bestWordErrorRate", report.evaluations.compactMap(\.wordErrorRate).min())
        writer.member("badLineCount", report.problems.badLineCount)
        writer.member(object: "latest") { writer in
            for series in report.series { writer.member(series.name, series.last?.y) }
        }
        writer.member("page", "../runs/\(report.id)/index.html")
        writer.member("details", "runs/\(report.id).json")
    }
}

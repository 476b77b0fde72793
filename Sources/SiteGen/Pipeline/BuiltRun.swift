import Files
import Foundation
import RunRecords

/// One run with what was last drawn of it.
struct BuiltRun: Sendable {
    var log: RunLog
    var report: RunReport?
    var card: RunCard?
    /// Its files, until they are published.
    var files: [OutputFile] = []
    /// How far it was collected when it was drawn.
    var collection: CollectorReport.Part?
    /// Where its files are on the site.
    var paths: Set<RelativePath> = []

    init(log: RunLog) { self.log = log }

    var id: String { log.source.id }

    /// The name directly below the folder of runs.
    var entry: String {
        let path = log.source.displayPath
        guard let slash = path.utf8.firstIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[..<slash])
    }

    var hasSamples: Bool { report.map { !$0.samples.isEmpty } ?? false }

    /// Whether time alone has made what was drawn untrue: the run has fallen silent.
    func isStale(_ now: Date) -> Bool {
        guard let report, report.status == .running, let deadline = report.silentAfter else { return false }
        return now > deadline
    }

    /// Whether its page tells of the collector what is no longer so.
    func isCollectedOtherwise(_ site: SiteContext) -> Bool {
        guard let report, CollectorBlock.isActive(report.status) else { return false }
        return collection != site.collector?.part(ofRun: id)
    }

    /// Reads on and, if anything changed, draws.
    ///
    /// - Returns: The run as it is now; nil when nothing on the site would change.
    func refreshed(
        parallelism: Int,
        now: Date,
        mustDraw: Bool,
        _ outputs: RunOutputs
    ) async throws -> BuiltRun? {
        var run = self
        let hasNews = try await run.log.refresh(parallelism: parallelism)
        guard hasNews || mustDraw || isStale(now) || isCollectedOtherwise(outputs.site) else { return nil }
        let report = RunReport(run.log, now: now)
        run.report = report
        run.collection = outputs.site.collector?.part(ofRun: id)
        run.card = RunCard(report: report)
        run.files = try outputs.files(for: report, folder: run.log.source.folder)
        run.paths = Set(run.files.map(\.path))
        return run
    }
}

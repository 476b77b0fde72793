import Files
public import Foundation
import RunRecords

/// Builds a site and keeps it up to date: reads what is new, draws what it changes, publishes that.
///
/// One build at a time: `Rebuilder` sees to it in watch mode. A failed build leaves the published site and what
/// is known of the runs as they were; the next one does what it left undone.
public actor SiteBuilder {
    private let configuration: SiteConfiguration
    private let now: @Sendable () -> Date
    private let publisher: Publisher

    private var runs: [String: BuiltRun] = [:]
    private var renderer: PageRenderer?
    private var assets: [OutputFile] = []
    private var pending = ChangeSet.everything
    private var isPublished = false
    private var collectorFile: CollectorFile
    /// How the collector is now, its runs by their ids.
    private var collector: CollectorReport?
    /// How the page of all runs shows it.
    private var drawnCollector: CollectorReport?

    /// - Parameters:
    ///   - configuration: What to build, and where to.
    ///   - now: The clock that tells running from silent.
    /// - Throws: `SiteGenError.output` when the output folder is not one of ours or cannot be written.
    public init(
        _ configuration: SiteConfiguration,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(SiteGenError) {
        self.configuration = configuration
        self.now = now
        collectorFile = CollectorFile(runs: configuration.runs)
        publisher = try Publisher(
            siteRoot: configuration.output,
            sources: [configuration.runs] + configuration.templates + configuration.assets
        )
    }

    /// Builds everything, from whatever is known.
    ///
    /// - Throws: `SiteGenError`, `CancellationError`.
    public func build() async throws -> BuildReport { try await build(.everything) }

    /// Removes what lies beside the site only while a builder works on it.
    public func close() async { await publisher.close() }

    /// Builds what changes call for.
    func build(_ changes: ChangeSet) async throws -> BuildReport {
        let clock = ContinuousClock()
        let start = clock.now
        pending.formUnion(changes)
        if pending.templates || renderer == nil {
            renderer = try PageRenderer(
                library: try TemplateLibrary.load(directories: configuration.templates)
            )
        }
        guard let renderer else { return BuildReport() }
        if pending.assets { assets = try SiteAssets.files(in: configuration.assets) }
        let redrawsAll = pending.templates || !isPublished
        try await refresh(pending, renderer, redrawsAll: redrawsAll)
        // Those of an earlier build that could not be published are still to come.
        let changed = runs.values.filter { !$0.files.isEmpty }.sorted { $0.id < $1.id }
        var files = changed.flatMap(\.files)
        var report = makeReport(changed)
        let isCollectorNews = collector?.withoutRuns != drawnCollector
        if !changed.isEmpty || !vanished.isEmpty || redrawsAll || isCollectorNews {
            files += try sharedFiles(renderer, changed)
        }
        if pending.assets { files += assets }
        let rendered = clock.now

        let removed = vanished
        let published =
            isPublished
            ? try await publisher.publish(files, removed: Array(removed))
            : try await publisher.publish(complete: files)
        isPublished = true
        vanished = []
        drawnCollector = collector?.withoutRuns
        for run in changed { runs[run.id]?.files = [] }
        try await restore(published.lost)
        pending = ChangeSet(entries: [], needsDiscovery: false, templates: false, assets: false)

        report.renderSeconds = (rendered - start).seconds
        report.publishSeconds = (clock.now - rendered).seconds
        report.changedPaths = (published.written + published.removed).map(\.string)
        report.bytesWritten = published.bytesWritten
        report.warnings += published.skipped.map(\.description)
        report.isAtomic = published.isAtomic
        return report
    }

    /// Files of runs that went away, still on the site.
    private var vanished: Set<RelativePath> = []

    // MARK: Runs

    /// Reads on in the runs the changes name and draws those that changed.
    private func refresh(
        _ changes: ChangeSet,
        _ renderer: PageRenderer,
        redrawsAll: Bool
    ) async throws {
        let needsDiscovery = changes.needsDiscovery || changes.entries.contains { !isSettled($0) }
        if needsDiscovery { try discover() }
        let moment = now()
        collector = collectorReport(moment)
        let site = siteContext
        let candidates = runs.values.filter { run in
            needsDiscovery || redrawsAll || changes.entries.contains(run.entry) || run.isStale(moment)
                || run.isCollectedOtherwise(site)
        }
        let outputs = RunOutputs(renderer: renderer, site: site)
        let width = candidates.count > 1 ? 1 : configuration.parallelism
        var redrawn: [BuiltRun] = []
        try await withThrowingTaskGroup(of: BuiltRun?.self) { group in
            var waiting = candidates.sorted { $0.id < $1.id }[...]
            var active = 0
            while active > 0 || !waiting.isEmpty {
                while active < configuration.parallelism, let run = waiting.popFirst() {
                    let mustDraw =
                        redrawsAll || run.report == nil
                        || (run.hasSamples && changes.mediaEntries.contains(run.entry))
                    group.addTask {
                        try await run.refreshed(parallelism: width, now: moment, mustDraw: mustDraw, outputs)
                    }
                    active += 1
                }
                if let finished = try await group.next() {
                    active -= 1
                    if let run = finished { redrawn.append(run) }
                }
            }
        }
        for run in redrawn {
            vanished.formUnion((runs[run.id]?.paths ?? []).subtracting(run.paths))
            vanished.subtract(run.paths)
            runs[run.id] = run
        }
    }

    /// Whether a name below the folder of runs is known to be a run that still has the same log.
    private func isSettled(_ entry: String) -> Bool {
        // Written every few seconds, and never a run.
        if entry == RunSource.collectorFolder { return true }
        return runs.values.contains { run in
            run.entry == entry && run.log.source.logPath.map { FileIdentity.find($0) != nil } ?? false
        }
    }

    private func discover() throws {
        let sources: [RunSource]
        do {
            sources = try RunSource.discover(in: configuration.runs)
        } catch {
            throw SiteGenError.input(
                path: configuration.runs,
                reason:
                    "the folder of runs cannot be read (\(error)); create it, look at its permissions, or name another with --runs"
            )
        }
        let ids = Set(sources.map(\.id))
        for (id, run) in runs where !ids.contains(id) {
            vanished.formUnion(run.paths)
            runs[id] = nil
        }
        for source in sources where runs[source.id]?.log.source != source {
            var fresh = BuiltRun(log: RunLog(source: source))
            fresh.paths = runs[source.id]?.paths ?? []
            runs[source.id] = fresh
        }
    }

    /// Files that somebody removed from the site by hand are drawn again.
    private func restore(_ lost: [RelativePath]) async throws {
        guard !lost.isEmpty else { return }
        isPublished = false
        _ = try await build(.everything)
    }

    /// When the next run will count as silent unless it speaks; nil when none will.
    var nextDeadline: Date? {
        let moment = now()
        var deadlines = runs.values.compactMap { run in
            run.report.flatMap { $0.status == .running ? $0.silentAfter : nil }
        }
        if let collector, collector.state == .working { deadlines.append(collector.silentAfter) }
        return deadlines.filter { $0 > moment }.min()
    }

    // MARK: Pages about all runs

    private var siteContext: SiteContext {
        SiteContext(title: configuration.title, mountPath: configuration.mountPath, collector: collector)
    }

    private func collectorReport(_ moment: Date) -> CollectorReport? {
        guard var report = collectorFile.report(now: moment) else { return nil }
        var runsByID: [String: CollectorReport.Run] = [:]
        for run in runs.values { runsByID[run.id] = report.runs[run.log.source.name] }
        report.runs = runsByID
        return report
    }

    private func sharedFiles(_ renderer: PageRenderer, _ changed: [BuiltRun]) throws -> [OutputFile] {
        let reports = runs.values.compactMap(\.report).sorted {
            $0.id.utf8.lexicographicallyPrecedes($1.id.utf8)
        }
        let cards = reports.compactMap { runs[$0.id]?.card }
        let site = siteContext
        var files = [
            try renderer.indexPage(cards, site: site),
            try renderer.comparePage(reports, site: site),
            try RunOutputs.file("api/runs.json", RunsJSON.bytes(for: reports)),
            try RunOutputs.file(
                "api/training-status.json",
                TrainingStatusJSON.bytes(for: NewestActiveRun.choose(among: reports))
            ),
        ]
        if !isPublished || pending.templates || !vanished.isEmpty || changed.contains(where: \.hasSamples) {
            files.append(try renderer.avatarsPage(reports, site: site))
        }
        if !isPublished || pending.templates {
            files.append(try renderer.speakPage(site: site))
            files.append(try renderer.notFoundPage(site: site))
        }
        return files
    }

    private func makeReport(_ changed: [BuiltRun]) -> BuildReport {
        var report = BuildReport()
        report.runCount = runs.count
        report.rendered = changed.map(\.id)
        for run in runs.values.compactMap(\.report) {
            report.badLineCount += run.problems.badLineCount
            report.runsByStatus[StatusWord.word(for: run.status), default: 0] += 1
        }
        report.warnings = changed.flatMap { $0.report?.problems.failures ?? [] }
        return report
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

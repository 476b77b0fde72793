import Files
public import Foundation
public import ServiceLifecycle
import Synchronization

/// Watches what a site is made from and rebuilds what changes, until it is told to stop.
///
/// The first change after a quiet time is built at once. While a build runs, changes are united, and after it
/// the builder rests for as long as it worked, less the time it had nothing to do, so a log that is written a thousand times a second costs half
/// a core at the most and a phone is not flooded. A failed build is told to the open pages and cleared by
/// the next success.
public struct Rebuilder: Service {
    private let builder: SiteBuilder
    private let watcher: FileWatcher
    private let roots: [ChangeSet.Root]
    private let live: LiveEvents
    private let metrics: ServerMetrics
    private let now: @Sendable () -> Date
    private let onBuild: @Sendable (Result<BuildReport, any Error>) -> Void
    /// What the newest build failed with; shared by the copies of this value.
    private let lastFailure = LastFailure()

    /// How often runs are looked at without a sign from the file system: they may have fallen silent, or lie on
    /// a network file system, which gives no signs.
    static let lookInterval = Duration.seconds(2)

    /// Starts to watch: what changes from now on is built, even while the first build is still to come.
    ///
    /// - Parameters:
    ///   - builder: Builds, here alone.
    ///   - configuration: What the builder was made with.
    ///   - live: Tells open pages.
    ///   - metrics: Counts builds.
    ///   - now: The clock that tells when a run has fallen silent.
    ///   - onBuild: Called after every build that changed something or failed.
    /// - Throws: `SiteGenError.input` when the folders cannot be watched.
    public init(
        builder: SiteBuilder,
        configuration: SiteConfiguration,
        live: LiveEvents,
        metrics: ServerMetrics,
        now: @escaping @Sendable () -> Date = { Date() },
        onBuild: @escaping @Sendable (Result<BuildReport, any Error>) -> Void
    ) throws(SiteGenError) {
        let folders = [configuration.runs] + configuration.templates + configuration.assets
        roots =
            [.runs] + configuration.templates.map { _ in .templates }
            + configuration.assets.map { _ in .assets }
        do {
            watcher = try FileWatcher(roots: folders)
        } catch {
            throw .input(path: configuration.runs, reason: error.description)
        }
        self.builder = builder
        self.live = live
        self.metrics = metrics
        self.now = now
        self.onBuild = onBuild
    }

    /// The build before the first change.
    ///
    /// A broken template is told and left to be mended while the last good site is served; without runs or a
    /// place to put the site there is no point in going on.
    ///
    /// - Throws: `SiteGenError` of any kind but `template`, `CancellationError`.
    public func buildFirst() async throws {
        let start = ContinuousClock.now
        do {
            tell(.success(try await builder.build()), seconds: (ContinuousClock.now - start).seconds)
        } catch let error as SiteGenError {
            guard case .template = error else { throw error }
            tell(.failure(error), seconds: (ContinuousClock.now - start).seconds)
        }
    }

    /// Rebuilds what changes until shut down or cancelled.
    public func run() async {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                let gate = BuildGate()
                group.addTask { await lookNowAndThen(gate) }
                for await changes in watcher {
                    let set = ChangeSet(changes, roots: roots)
                    if set.isEmpty, changes.problems.isEmpty { continue }
                    await rebuild(set, gate, problems: changes.problems)
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            watcher.stop()
        }
        await builder.close()
    }

    private func lookNowAndThen(_ gate: BuildGate) async {
        while (try? await Task.sleep(for: Self.lookInterval)) != nil {
            await rebuild(ChangeSet(entries: [], needsDiscovery: true, templates: false, assets: false), gate)
        }
    }

    private func rebuild(_ changes: ChangeSet, _ gate: BuildGate, problems: [FilesError] = []) async {
        let idle = await gate.enter()
        let clock = ContinuousClock()
        let start = clock.now
        let result: Result<BuildReport, any Error>
        do {
            var report = try await builder.build(changes)
            report.warnings += problems.map(\.description)
            result = .success(report)
        } catch is CancellationError {
            await gate.leave()
            return
        } catch {
            result = .failure(error)
        }
        tell(result, seconds: (clock.now - start).seconds)
        // Time spent waiting for a change counts as rest.
        let rest = min(.seconds(1), clock.now - start) - idle
        if case .success(let report) = result, !report.changedPaths.isEmpty, rest > .zero {
            try? await Task.sleep(for: rest)
        }
        await gate.leave()
    }

    private func tell(_ result: Result<BuildReport, any Error>, seconds: Double) {
        let failure: String? = if case .failure(let error) = result { "\(error)" } else { nil }
        // The runs are looked at every two seconds: what is still broken then is no news.
        let isNews = lastFailure.withLock { last in
            defer { last = failure }
            return failure == nil || failure != last
        }
        guard isNews else { return }
        switch result {
        case .success(let report):
            live.changed(report.changedPaths.compactMap { try? RelativePath(validating: $0) })
            live.buildSucceeded()
            guard !report.changedPaths.isEmpty else { return }
            metrics.recordBuild(
                durationSeconds: seconds,
                succeeded: true,
                time: now().timeIntervalSince1970,
                runsByStatus: report.runsByStatus
            )
        case .failure(let error):
            live.buildFailed("\(error)")
            metrics.recordBuild(durationSeconds: seconds, succeeded: false, time: now().timeIntervalSince1970)
        }
        onBuild(result)
    }
}

/// The message of the newest build, where it failed.
private final class LastFailure: Sendable {
    private let message = Mutex<String?>(nil)

    func withLock<Value>(_ body: (inout sending String?) -> sending Value) -> Value { message.withLock(body) }
}

/// Lets one build in at a time, in the order of asking.
private actor BuildGate {
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var lastLeft = ContinuousClock.now

    /// - Returns: How long nobody was in.
    func enter() async -> Duration {
        guard isBusy else {
            isBusy = true
            return ContinuousClock.now - lastLeft
        }
        await withCheckedContinuation { waiting.append($0) }
        return .zero
    }

    func leave() {
        lastLeft = .now
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }
}

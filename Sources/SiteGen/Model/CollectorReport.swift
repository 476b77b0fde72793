import Foundation

/// What the collector beside the runs tells of itself, as pages show it: docs/collector-status.md.
///
/// Times are rounded down, so that a page changes when a reader would see a difference and not with every
/// heart-beat.
struct CollectorReport: Sendable, Equatable {
    /// A host that runs are collected from; its texts are hostile until escaped.
    struct Host: Sendable, Equatable {
        var name: String
        var channel: String
        var isReachable: Bool
        /// Since when it is or is not reachable.
        var since: Date?
        /// Why it is not reachable, or why one of its files cannot be carried.
        var error: String?
        var fileCount: Int
        /// How far behind its files are, in seconds; nil where that is next to nothing.
        var lagSeconds: Double?
    }

    /// How far a run is collected.
    struct Run: Sendable, Equatable {
        var host: String
        /// When bytes of it last arrived.
        var newestData: Date?
        var lagSeconds: Double?
        var vanishedCount: Int
    }

    /// What the collector does.
    enum State: Sendable, Equatable { case working, silent, stopped }

    var state: State
    /// Since when it is silent, if it should fall silent.
    var since: Date
    /// After which moment it counts as silent.
    var silentAfter: Date
    var hosts: [Host]
    /// By the name of the run's folder, later by the run's id.
    var runs: [String: Run]

    /// What the page of all runs shows.
    var withoutRuns: CollectorReport {
        var report = self
        report.runs = [:]
        return report
    }

    /// The host that a run is collected from; nil where the collector does not tell of it.
    func host(of run: Run) -> Host? { hosts.first { $0.name == run.host } }

    /// What concerns one run alone: its page changes with it and with nothing else.
    struct Part: Sendable, Equatable {
        var run: Run
        var host: Host?
        var state: State
        var since: Date
        var silentAfter: Date
    }

    /// What concerns one run; nil where the collector does not know it.
    func part(ofRun name: String) -> Part? {
        guard let run = runs[name] else { return nil }
        return Part(run: run, host: host(of: run), state: state, since: since, silentAfter: silentAfter)
    }
}

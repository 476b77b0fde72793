import Files
import Glibc

/// Collects what every host reports, and writes it for the dashboard.
///
/// On a change at most every two seconds, else every fifteen: an older file means that the collector is dead.
actor StatusBoard {
    static let changeInterval: Duration = .seconds(2)
    static let heartbeatInterval: Duration = .seconds(15)
    static let folderName = "collector"
    /// Below the destination's root.
    static let path = folderName + "/status.json"

    private let root: String
    private let time: MonotonicTime
    private let wallTime: @Sendable () -> Double
    private let report: @Sendable (FollowEvent) -> Void
    /// In the order of the configuration, so that the file's order never changes.
    private let names: [String]
    private var hosts: [String: CollectorStatus.Host] = [:]
    private var runs: [String: [CollectorStatus.Run]] = [:]
    private var hasChanged = true
    private var lastProblem: CollectorError?
    private nonisolated let signal = WakeSignal()

    init(
        root: String,
        names: [String],
        time: MonotonicTime,
        wallTime: @escaping @Sendable () -> Double,
        report: @escaping @Sendable (FollowEvent) -> Void
    ) {
        self.root = root
        self.names = names
        self.time = time
        self.wallTime = wallTime
        self.report = report
        let now = wallTime()
        for name in names { hosts[name] = CollectorStatus.Host(name: name, since: now) }
    }

    /// Takes over what a host knows of itself and of its runs.
    func update(_ host: CollectorStatus.Host, _ runs: [CollectorStatus.Run]) {
        var host = host
        if let old = hosts[host.name], old.isReachable == host.isReachable, old.since != nil {
            host.since = old.since
        } else {
            host.since = wallTime()
        }
        let isSameHost = hosts[host.name].map { $0.isSame(as: host) } ?? false
        let former = self.runs[host.name] ?? []
        let areSameRuns = former.count == runs.count && zip(former, runs).allSatisfy { $0.isSame(as: $1) }
        hosts[host.name] = host
        self.runs[host.name] = runs
        if !isSameHost || !areSameRuns, !hasChanged {
            hasChanged = true
            signal.raise()
        }
    }

    /// The state of things now.
    func status(isStopped: Bool = false) -> CollectorStatus {
        CollectorStatus(
            time: wallTime(),
            interval: Double(Self.heartbeatInterval.components.seconds),
            hosts: names.compactMap { hosts[$0] },
            runs: names.flatMap { runs[$0] ?? [] }.sorted {
                $0.id.utf8.lexicographicallyPrecedes($1.id.utf8)
            },
            isStopped: isStopped
        )
    }

    /// Writes until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            write()
            let written = time.now()
            await signal.wait(Self.heartbeatInterval, time)
            let rest = Self.changeInterval - (time.now() - written)
            if rest > .zero { try? await time.sleep(rest) }
        }
    }

    /// Writes the file; a failure is told once and does not stop anything.
    func write(isStopped: Bool = false) {
        hasChanged = false
        let folder = "\(root)/\(Self.folderName)"
        do throws(FilesError) {
            try FileSystem.createDirectories(folder)
            guard FileIdentity.find(folder, followingSymbolicLinks: false)?.kind == .directory else {
                throw .system(operation: "use the folder", path: folder, code: ELOOP)
            }
            // Not worth a flush: the next one comes soon.
            try AtomicFile.write(
                status(isStopped: isStopped).encoded(),
                to: "\(root)/\(Self.path)",
                synchronizing: false
            )
            lastProblem = nil
        } catch {
            if lastProblem != .file(error) { report(.note(error.description)) }
            lastProblem = .file(error)
        }
    }
}

import Files

/// What is backed up, from where to where, and how often.
public struct BackupJob: Sendable, Hashable {
    /// Names the folder below the destination; the letters of a run's id.
    public var name: String
    /// The folder with the checkpoints.
    public var source: Location
    /// A folder of this machine.
    public var destination: String
    /// The run whose status and whose table of backups this belongs to; nil for none.
    public var run: String?
    /// The folder of collected runs.
    public var runs: String
    /// How long from the end of one pass to the next, without its jitter.
    public var interval: Duration
    /// At most so much is added to each interval, so that many jobs do not all call at once.
    public var jitter: Duration
    /// How long the pass at the end may take.
    public var finalTimeout: Duration
    /// How many copies are kept.
    public var retention: Retention

    /// - Parameters:
    ///   - name: names the folder below the destination.
    ///   - source: the folder with the checkpoints.
    ///   - destination: a folder of this machine.
    ///   - run: the run this belongs to.
    ///   - runs: the folder of collected runs.
    ///   - interval: how long from the end of one pass to the next.
    ///   - jitter: at most so much is added; nil for a tenth of the interval.
    ///   - finalTimeout: how long the pass at the end may take.
    ///   - retention: how many copies are kept.
    public init(
        name: String,
        source: Location,
        destination: String,
        run: String? = nil,
        runs: String = "runs",
        interval: Duration = BackupJob.defaultInterval,
        jitter: Duration? = nil,
        finalTimeout: Duration = BackupJob.defaultFinalTimeout,
        retention: Retention = Retention()
    ) {
        self.name = name
        self.source = source
        self.destination = destination
        self.run = run
        self.runs = runs
        self.interval = interval
        self.jitter = jitter ?? interval / 10
        self.finalTimeout = finalTimeout
        self.retention = retention
    }

    /// Half an hour, as in the scripts this replaces.
    public static let defaultInterval: Duration = .seconds(1800)
    /// Less than systemd waits by default before it kills.
    public static let defaultFinalTimeout: Duration = .seconds(75)

    /// `<destination>/<name>`.
    public var folder: String {
        destination.utf8.last == UInt8(ascii: "/") ? destination + name : "\(destination)/\(name)"
    }

    /// A source's file as the run's own log calls it: `checkpoints/best.pt`, below the run's folder.
    ///
    /// - Parameter path: below the source's root; nil for the source itself.
    /// - Returns: what follows the run's folder in the source's path, or else its last name.
    func pathInRun(_ path: RelativePath?) -> String {
        let components = source.path.split(separator: "/").map(String.init).filter { $0 != "." }
        var folder = Array(components.suffix(1))
        if let run, let index = components.lastIndex(of: run) { folder = Array(components[(index + 1)...]) }
        return (folder + (path.map { [$0.string] } ?? [])).joined(separator: "/")
    }
}

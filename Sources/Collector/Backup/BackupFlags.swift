/// What a backup's command line says, as it was written.
public struct BackupFlags: Sendable {
    /// Where the checkpoints are.
    public var source: String
    /// Where they are kept.
    public var destination: String
    /// The job's name; nil for that of the run, or else of the source's folder.
    public var name: String?
    /// The run that the checkpoints belong to.
    public var run: String?
    /// The folder of collected runs.
    public var runs = "runs"
    /// How often.
    public var interval: String?
    /// How irregularly.
    public var jitter: String?
    /// How long the final pass may take.
    public var finalTimeout: String?
    /// How many steps are kept.
    public var keepLast: Int?
    /// How many of each best are kept.
    public var keepBest: Int?

    /// - Parameters:
    ///   - source: where the checkpoints are.
    ///   - destination: where they are kept.
    public init(source: String, destination: String) {
        self.source = source
        self.destination = destination
    }

    /// What is to be done.
    ///
    /// - Returns: a configuration of one job.
    /// - Throws: ``CollectorError/usage(_:)``.
    public func configuration() throws(CollectorError) -> BackupConfiguration {
        let place = try Location(parsing: destination)
        guard place.isLocal else {
            throw .usage("\(destination): a backup is kept on this machine; run it where it is to be kept")
        }
        let source = try Location(parsing: source)
        let folder = source.path.split(separator: "/").last.map(String.init)
        guard let name = name ?? run ?? folder, name != ".", name != ".." else {
            throw .usage("\(source): it has no name of its own; give the job one with --name")
        }
        var job = BackupJob(
            name: name,
            source: source,
            destination: destination,
            run: run,
            runs: runs,
            interval: try duration("--interval", interval) ?? BackupJob.defaultInterval,
            jitter: try duration("--jitter", jitter),
            finalTimeout: try duration("--final-timeout", finalTimeout) ?? BackupJob.defaultFinalTimeout
        )
        if let keepLast { job.retention.keptStepCount = try count("--keep-last", keepLast) }
        if let keepBest { job.retention.keptBestCount = try count("--keep-best", keepBest) }
        return try BackupConfiguration(jobs: [job])
    }

    /// Reads the rate of `--bwlimit` as rsync does: KiB per second unless a unit is given; 0 is no limit.
    ///
    /// - Parameter text: as it was written; nil for no limit.
    /// - Returns: bytes per second; nil for no limit.
    /// - Throws: ``CollectorError/usage(_:)``.
    public static func bytesPerSecond(_ text: String?) throws(CollectorError) -> Int? {
        guard let text else { return nil }
        return try ByteCount.parseRate(text)
    }

    private func duration(_ flag: String, _ text: String?) throws(CollectorError) -> Duration? {
        guard let text else { return nil }
        guard let duration = DurationText.parse(text) else {
            throw .usage("\(flag): \(text) is no length of time; write for example 30m, 90s or 1h30m")
        }
        return duration
    }

    private func count(_ flag: String, _ count: Int) throws(CollectorError) -> Int {
        guard count >= 1 else {
            throw .usage("\(flag): \(count) is less than 1; the newest copy always stays")
        }
        return count
    }
}

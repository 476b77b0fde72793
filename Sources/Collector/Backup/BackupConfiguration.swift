import Files
import RunRecords
import Yams

/// `backup.yaml`: what is backed up, from where to where, and how often.
///
///     interval: 30m
///     keep_last: 3
///     jobs:
///       - name: stage2
///         source: gpu:/root/voxformer/runs/stage2-20251211/checkpoints/
///         destination: backups
///         run: stage2-20251211
///
/// What stands above `jobs` holds for all of them; a job may say otherwise. Paths are those of the working
/// directory, which a service fixes.
public struct BackupConfiguration: Sendable, Hashable {
    /// In the order of the file; no two have one folder.
    public var jobs: [BackupJob]

    /// - Parameter jobs: what is backed up.
    /// - Throws: ``CollectorError/usage(_:)`` where two would work in one folder, or a value makes no sense.
    public init(jobs: [BackupJob]) throws(CollectorError) {
        self.jobs = jobs
        var folders: Set<String> = []
        for job in jobs {
            if let reason = Self.defect(of: job) { throw .usage("\(job.name): \(reason)") }
            guard folders.insert(job.folder).inserted else {
                throw .usage("\(job.folder): two jobs would be kept there; give them different names")
            }
        }
    }

    /// A longer file is no configuration.
    private static let maximumLength = 1 << 20

    /// Reads a file.
    ///
    /// - Parameter file: its path.
    /// - Returns: what it says.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)`` with the line; ``CollectorError/file(_:)``.
    public static func read(_ file: String) throws(CollectorError) -> BackupConfiguration {
        let bytes: [UInt8]
        do throws(FilesError) {
            bytes = try OpenFile.reading(file).readAll(limit: maximumLength)
        } catch { throw .file(error) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .configuration(file: file, line: nil, reason: "it is not UTF-8 text")
        }
        return try parse(text, file: file)
    }

    /// Reads a configuration's text.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - file: where it is from, for messages.
    /// - Returns: what it says.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)`` with the line.
    public static func parse(_ text: String, file: String) throws(CollectorError) -> BackupConfiguration {
        let root = try YAMLBlock.compose(text, file: file)
        var top = try YAMLBlock(root, what: "the file", file: file, keys: sharedKeys + ["jobs"])
        let defaults = try shared(&top, BackupJob(name: "", source: Location(path: "."), destination: ""))
        guard let nodes = try top.sequence("jobs"), !nodes.isEmpty else {
            throw top.failure(
                "jobs",
                "jobs is missing; write a list of jobs, each with name, source, destination"
            )
        }
        var jobs: [BackupJob] = []
        for node in nodes { jobs.append(try job(node, defaults, jobs, file: file)) }
        return try BackupConfiguration(jobs: jobs)
    }

    private static let sharedKeys = ["interval", "jitter", "final_timeout", "keep_last", "keep_best", "runs"]

    /// The values that may stand above the jobs and in each.
    private static func shared(
        _ block: inout YAMLBlock,
        _ base: BackupJob
    ) throws(CollectorError) -> BackupJob {
        var job = base
        if let interval = try block.duration("interval") {
            job.interval = interval
            job.jitter = interval / 10
        }
        if let jitter = try block.duration("jitter") { job.jitter = jitter }
        if let timeout = try block.duration("final_timeout") { job.finalTimeout = timeout }
        if let count = try block.count("keep_last") { job.retention.keptStepCount = count }
        if let count = try block.count("keep_best") { job.retention.keptBestCount = count }
        if let runs = try block.path("runs") { job.runs = runs }
        return job
    }

    private static func job(
        _ node: Node,
        _ defaults: BackupJob,
        _ earlier: [BackupJob],
        file: String
    ) throws(CollectorError) -> BackupJob {
        let keys = sharedKeys + ["name", "source", "destination", "run"]
        var block = try YAMLBlock(node, what: "a job", file: file, keys: keys)
        var job = try shared(&block, defaults)
        job.name = try block.required("name", "a name for the folder, for example: name: stage2")
        job.run = try block.string("run")
        let source = try block.required(
            "source",
            "where the checkpoints are, for example: source: gpu:/root/run/"
        )
        do throws(CollectorError) { job.source = try Location(parsing: source) } catch {
            throw block.failure("source", "\(error)")
        }
        let destination = try block.required(
            "destination",
            "a folder here, for example: destination: backups"
        )
        job.destination = HomePath.expand(destination)
        if let place = try? Location(parsing: destination), !place.isLocal {
            throw block.failure(
                "destination",
                "destination is a folder of this machine; run the backup where it is kept"
            )
        }
        for (key, reason) in defects(of: job) { throw block.failure(key, reason) }
        if earlier.contains(where: { $0.folder == job.folder }) {
            throw block.failure("name", "another job is kept in \(job.folder); give them different names")
        }
        return job
    }

    private static func defect(of job: BackupJob) -> String? { defects(of: job).first?.reason }

    /// What is wrong with a job, with the key that it is wrong in.
    private static func defects(of job: BackupJob) -> [(key: String, reason: String)] {
        var defects: [(String, String)] = []
        for (key, id) in [("name", job.name), ("run", job.run)] {
            guard let id else { continue }
            do throws(RunRecordsError) { _ = try RunID(validating: id) } catch {
                defects.append(
                    (key, "'\(id)' is not usable: 1 to 128 of A-Z a-z 0-9 . _ - and neither '.' nor '..'")
                )
            }
        }
        if job.name.hasPrefix(".") { defects.append(("name", "a name does not begin with a dot")) }
        if job.destination.isEmpty { defects.append(("destination", "destination is empty")) }
        if job.interval < .seconds(10) { defects.append(("interval", "interval is less than 10s")) }
        if job.finalTimeout < .seconds(1) {
            defects.append(("final_timeout", "final_timeout is less than 1s"))
        }
        return defects
    }
}

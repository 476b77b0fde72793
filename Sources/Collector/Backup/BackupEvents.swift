import RunRecords

/// Tells the dashboard of each attempt, in `runs/<id>/backup.jsonl`.
///
/// The log that the trainer writes is a copy of the source's, byte for byte, and is never written to here.
struct BackupEvents: Sendable {
    private let writer: RunLogWriter
    private let job: BackupJob

    /// The name of the log, in the run's folder.
    static let fileName = "backup.jsonl"

    /// Opens the log; nil for a job that belongs to no run.
    ///
    /// - Parameters:
    ///   - job: whose attempts are told.
    ///   - now: seconds since 1970.
    /// - Throws: `RunRecordsError`.
    init?(_ job: BackupJob, now: @escaping @Sendable () -> Double) throws(RunRecordsError) {
        guard let run = job.run else { return nil }
        self.job = job
        writer = try RunLogWriter(runs: job.runs, id: run, file: Self.fileName, now: now)
    }

    /// Tells what became of one file; an unchanged one is no attempt.
    ///
    /// - Throws: `RunRecordsError`.
    func tell(_ file: BackupReport.File) throws(RunRecordsError) {
        let path = job.pathInRun(file.path)
        switch file.outcome {
        case .unchanged: return
        case .stored(let entry, let carried):
            try tell(path, entry, bytes: carried, seconds: file.seconds, message: entry.verification.words)
        case .known(let entry):
            try tell(
                path,
                entry,
                bytes: 0,
                seconds: file.seconds,
                message: "\(entry.verification.words); the contents were here already"
            )
        case .quarantined(let entry):
            try tell(
                path,
                entry,
                bytes: entry.byteCount,
                seconds: file.seconds,
                message: "\(entry.verification.words); it is in quarantine"
            )
        case .failed(let error):
            try writer.backup(
                path: path,
                destination: job.folder,
                succeeded: false,
                bytes: 0,
                seconds: file.seconds,
                message: "\(error)"
            )
        }
    }

    /// Tells that a pass could not even begin.
    ///
    /// - Throws: `RunRecordsError`.
    func tell(_ failure: CollectorError, seconds: Double) throws(RunRecordsError) {
        try writer.backup(
            path: job.pathInRun(nil),
            destination: job.folder,
            succeeded: false,
            bytes: 0,
            seconds: seconds,
            message: "\(failure)"
        )
    }

    private func tell(
        _ path: String,
        _ entry: ManifestEntry,
        bytes: Int,
        seconds: Double,
        message: String
    ) throws(RunRecordsError) {
        try writer.backup(
            path: path,
            destination: "\(job.folder)/\(entry.name)",
            succeeded: entry.isVerified,
            bytes: bytes,
            seconds: seconds,
            message: message,
            verification: entry.verification.rawValue,
            sha256: entry.sha256.hex
        )
    }
}

import Files
import RunRecords

/// One run of the folder of runs, read as far as it goes, and read on when it grows.
struct RunLog: Sendable {
    let source: RunSource
    private(set) var accumulator = RunAccumulator()
    /// What a backup beside the run tells.
    private(set) var backups = BackupLog()
    private(set) var document = RunDocument()
    /// Why the log or `run.json` could not be read; the rest is shown as last known.
    private(set) var failures: [String] = []
    private(set) var cursor: LogCursor?
    private var descriptionIdentity: FileIdentity?

    init(source: RunSource) { self.source = source }

    /// Looks for what is new and reads it: appended lines alone where lines were appended, everything where the
    /// log was replaced, shortened or restarted.
    ///
    /// - Parameter parallelism: How many segments of a long log are parsed at once.
    /// - Returns: Whether anything changed.
    /// - Throws: `CancellationError` only; a log that cannot be read is a failure of this run alone.
    mutating func refresh(parallelism: Int) async throws -> Bool {
        let earlier = failures
        failures = []
        let isDescriptionNew = refreshDocument()
        var isLogNew = false
        if let path = source.logPath {
            do {
                isLogNew = try await refreshLog(path, parallelism)
            } catch let error as RunRecordsError {
                failures.append("\(error)")
            }
        }
        var isBackupNew = false
        if let path = source.backupLogPath {
            do {
                isBackupNew = try await backups.refresh(path)
            } catch let error as RunRecordsError {
                failures.append("\(error)")
            }
        }
        return isDescriptionNew || isLogNew || isBackupNew || failures != earlier
    }

    private mutating func refreshDocument() -> Bool {
        guard let path = source.descriptionPath else { return false }
        let identity = FileIdentity.find(path)
        if identity == descriptionIdentity, identity != nil || document == RunDocument() { return false }
        do throws(RunRecordsError) {
            document = try RunDocument.read(path)
            descriptionIdentity = identity
        } catch {
            // Without its identity it is tried again next time.
            descriptionIdentity = nil
            failures.append("\(error)")
        }
        return true
    }

    private mutating func refreshLog(_ path: String, _ parallelism: Int) async throws -> Bool {
        if let cursor {
            switch try cursor.change(at: path) {
            case .unchanged: return false
            case .appended:
                var grown = accumulator
                // The only owner while it grows, so that its arrays grow in place.
                accumulator = RunAccumulator()
                // Unless it ends well, everything is read anew.
                self.cursor = nil
                defer { accumulator = grown }
                let reader = LogReader(path: path, parallelism: parallelism)
                let position = try await reader.read(from: cursor) { grown.fold($0) }
                if grown.isSettled {
                    self.cursor = position
                    return true
                }
            case .replaced: accumulator = RunAccumulator()
            }
        }
        try await readFromStart(path, parallelism)
        return true
    }

    /// Reads everything, and again with what was learned while something turned out otherwise: nearly always
    /// once, twice for a run that was restarted.
    private mutating func readFromStart(_ path: String, _ parallelism: Int) async throws {
        let reader = LogReader(path: path, parallelism: parallelism)
        var learned = accumulator.isSettled ? nil : Optional(accumulator)
        cursor = nil
        // The axis, then the restarts on it; once more for a log that is written to meanwhile.
        for _ in 0..<4 {
            var fresh = RunAccumulator(after: learned)
            let position = try await reader.read(from: nil) { fresh.fold($0) }
            cursor = position
            accumulator = fresh
            guard !fresh.isSettled else { return }
            learned = fresh
        }
    }
}

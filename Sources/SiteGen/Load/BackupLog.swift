import Files
import RunRecords

/// What the backup beside a run tells of its attempts, in `backup.jsonl`: read as far as it goes, and read on.
///
/// Kept apart from the run's own log: it says nothing of the run's progress, so it must not make a silent run
/// look alive.
struct BackupLog: Sendable {
    private var events = EventLog()
    private var cursor: LogCursor?
    /// Lines that are no JSON objects.
    private(set) var badLineCount = 0
    /// Some of them, numbered in the whole log.
    private(set) var badLines: [BadLine] = []

    /// The newest attempts, in the order in which they were made.
    var rows: [BackupRow] { events.backups }

    /// Reads what is new.
    ///
    /// - Parameter path: the log; where nothing is there, nothing is told.
    /// - Returns: whether anything changed.
    /// - Throws: `RunRecordsError`, `CancellationError`.
    mutating func refresh(_ path: String) async throws -> Bool {
        guard FileIdentity.find(path) != nil else {
            guard cursor != nil else { return false }
            self = BackupLog()
            return true
        }
        switch try cursor?.change(at: path) {
        case .unchanged: return false
        case .appended: break
        case .replaced, nil: self = BackupLog()
        }
        var grown = self
        grown.cursor = try await LogReader(path: path, parallelism: 1).read(from: cursor) { segment in
            grown.fold(segment, lineCount: cursor?.lineCount ?? 0)
        }
        self = grown
        return true
    }

    private mutating func fold(_ segment: LogSegment, lineCount: Int) {
        for event in segment.events where event.name == "backup" { events.add(event, step: nil, row: 0) }
        badLineCount += segment.badLineCount
        for bad in segment.badLines where badLines.count < LogSegment.keptBadLines {
            badLines.append(BadLine(line: lineCount + bad.line, reason: bad.reason))
        }
    }
}

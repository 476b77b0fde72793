import RunRecords

/// Reads the newest status of a run off its collected log, only what is new each time.
struct RunStatusWatch: Sendable {
    /// Of the log.
    let path: String
    /// The newest status; nil before there is one.
    private(set) var status: String?
    private var cursor: LogCursor?

    /// - Parameter path: of the log; it may not be there yet.
    init(path: String) { self.path = path }

    /// Whether the run has ended, as planned or not.
    var hasEnded: Bool { status.map { Self.ends.contains($0) } ?? false }

    /// As docs/run-folder.md has them.
    private static let ends: Set<String> = [
        "completed", "finished", "done", "stopped", "killed", "interrupted", "error", "failed", "crashed",
    ]

    /// Reads on; a log that is missing or cannot be read says nothing new.
    mutating func refresh() async {
        do {
            if let cursor {
                switch try cursor.change(at: path) {
                case .unchanged: return
                case .appended: break
                case .replaced:
                    self.cursor = nil
                    status = nil
                }
            }
            var newest = status
            cursor = try await LogReader(path: path, parallelism: 1).read(from: cursor) { segment in
                for event in segment.events where event.name == "status" {
                    newest = event.fields["status"]?.string ?? newest
                }
            }
            status = newest
        } catch {
            // Another look comes soon; meanwhile what is known stays.
            cursor = nil
        }
    }
}

import Files
import Glibc

/// What is known of every append file below one destination, kept across crashes.
///
/// It is written after the data it speaks of is on the device, so it never claims more than there is. One process
/// owns the journal of a destination at a time.
public actor AppendJournal {
    /// What was found damaged when it was opened, for the user to read.
    public nonisolated let problem: String?

    private var file: JournalFile
    private var entries: [RelativePath: JournalEntry]
    private let logPath: String

    /// States that wait to be written together, and who waits for them.
    private var queue: [JournalEntry] = []
    private var waiting: [CheckedContinuation<Void, any Error>] = []
    private var isFlushing = false

    /// Locks, reads and repairs the journal of a destination: `<root>/.voxsite/journal.jsonl`.
    ///
    /// - Parameter root: the destination's folder; it exists.
    /// - Throws: ``CollectorError/selection(_:reason:)`` where another process owns it, which is named;
    ///   ``CollectorError/file(_:)``.
    public init(root: String) throws(CollectorError) {
        var contents = JournalFile.Contents()
        file = try JournalFile.open(root: root, contents: &contents)
        entries = contents.entries
        problem = contents.problem
        logPath = "\(root)/\(JournalFile.folderName)/generations.jsonl"
    }

    /// What is known of a file.
    func entry(for path: RelativePath) -> JournalEntry? { entries[path] }

    /// How many files are known.
    var count: Int { entries.count }

    /// Records the state of a file, durably.
    ///
    /// What several callers record at once costs one write and one flush.
    ///
    /// - Throws: ``CollectorError/file(_:)``; the former state then still counts.
    func record(_ entry: JournalEntry) async throws {
        queue.append(entry)
        if isFlushing {
            return try await withCheckedThrowingContinuation { waiting.append($0) }
        }
        isFlushing = true
        // Lets those who wait for this actor add their states first.
        await Task.yield()
        let (batch, callers) = (queue, waiting)
        (queue, waiting, isFlushing) = ([], [], false)
        do throws(FilesError) {
            try flush(batch)
            for caller in callers { caller.resume() }
        } catch {
            for caller in callers { caller.resume(throwing: CollectorError.file(error)) }
            throw CollectorError.file(error)
        }
    }

    private func flush(_ batch: [JournalEntry]) throws(FilesError) {
        let former = batch.map { entries[$0.path] }
        for entry in batch { entries[entry.path] = entry }
        do throws(FilesError) { try file.append(batch, all: entries) } catch {
            // Backwards, so that of a file that is in the batch twice the oldest state comes back.
            for (entry, old) in zip(batch, former).reversed() { entries[entry.path] = old }
            throw error
        }
    }

    /// Tells people why a file began anew.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func log(_ record: GenerationRecord) throws(CollectorError) {
        do throws(FilesError) {
            let file = try OpenFile(
                logPath,
                flags: O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW,
                mode: 0o600,
                operation: "write"
            )
            try file.write(record.line)
            try file.synchronize()
        } catch { throw .file(error) }
    }
}

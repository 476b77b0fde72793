import Files
import Glibc

/// Copies one backup to where it is needed, and makes sure that it is what was backed up.
public struct BackupRestore: Sendable {
    /// What is to be restored.
    public enum Choice: Sendable, Hashable {
        /// The newest verified one of a kind; of steps the one with the largest number.
        case kind(CheckpointName.Kind)
        /// A name as `voxsite backup list` prints it, a source's path, or the beginning of a SHA-256.
        case name(String)

        /// Reads a choice.
        ///
        /// - Parameter text: `best`, `step`, `final`, `history`, or a name.
        public init(_ text: String) {
            self = CheckpointName.Kind(rawValue: text).map(Choice.kind) ?? .name(text)
        }
    }

    /// What was restored.
    public struct Outcome: Sendable, Hashable {
        /// The backup.
        public var entry: ManifestEntry
        /// The job's name.
        public var job: String
        /// Where it is now.
        public var path: String
    }

    private let archive: BackupArchive

    /// - Parameter archive: where the backups are.
    public init(_ archive: BackupArchive) { self.archive = archive }

    /// Finds what a choice means.
    ///
    /// - Parameter choice: what is to be restored.
    /// - Returns: the backup and the job that it belongs to.
    /// - Throws: ``CollectorError/selection(_:reason:)`` where nothing or more than one thing is meant.
    public func find(
        _ choice: Choice
    ) throws(CollectorError) -> (job: BackupArchive.Job, entry: ManifestEntry) {
        var found: [(job: BackupArchive.Job, entry: ManifestEntry)] = []
        for job in archive.jobs {
            if let entry = Self.find(choice, in: job) { found.append((job, entry)) }
        }
        guard let first = found.first else {
            throw .selection(
                archive.path,
                reason: "there is no verified backup of \(choice); see: voxsite backup list \(archive.path)"
            )
        }
        guard found.count == 1 else {
            throw .selection(
                archive.path,
                reason:
                    "several jobs have one: \(found.map(\.job.name).joined(separator: ", ")); name the folder of "
                    + "one, \(first.job.folder)"
            )
        }
        return first
    }

    private static func find(_ choice: Choice, in job: BackupArchive.Job) -> ManifestEntry? {
        let verified = job.entries.filter(\.isVerified)
        switch choice {
        case .kind(.step):
            // The last of equals: the newest of them.
            return verified.filter { $0.kind == .step }.enumerated().max {
                ($0.element.step ?? -1, $0.offset) < ($1.element.step ?? -1, $1.offset)
            }?.element
        case .kind(let kind): return verified.last { $0.kind == kind }
        case .name(let name):
            if let exact = verified.last(where: { $0.name.string == name || $0.path.string == name }) {
                return exact
            }
            guard name.utf8.count >= 8 else { return nil }
            return verified.last { $0.sha256.hex.hasPrefix(name.lowercased()) }
        }
    }

    /// Copies a backup, hashing it on the way; the target appears whole and right, or not at all.
    ///
    /// - Parameters:
    ///   - choice: what is to be restored.
    ///   - target: a path, or a folder for the name that the file had at its source.
    ///   - replacing: whether a file that is there is replaced.
    /// - Returns: what was restored.
    /// - Throws: ``CollectorError``; ``CollectorError/exists(_:)`` where the target is there,
    ///   ``CollectorError/verification(_:reason:)`` where the backup is damaged.
    public func run(_ choice: Choice, to target: String, replacing: Bool = false) async throws -> Outcome {
        let (job, entry) = try find(choice)
        let path = Self.path(target, for: entry)
        if !replacing, FileIdentity.find(path, followingSymbolicLinks: false) != nil {
            throw CollectorError.exists(path)
        }
        let temporary =
            "\(FileSystem.folder(of: path))/.voxsite-restore-\(getpid())-\(entry.sha256.hex.prefix(12))"
        do {
            try await copy(entry, from: job.folder, to: temporary)
            do throws(FilesError) {
                if replacing {
                    try FileSystem.rename(temporary, to: path)
                } else {
                    try FileSystem.renameWithoutReplacing(temporary, to: path)
                }
                try OpenFile(FileSystem.folder(of: path), flags: O_RDONLY | O_DIRECTORY).synchronize()
            } catch {
                throw error.code == EEXIST ? CollectorError.exists(path) : .file(error)
            }
        } catch {
            try? FileSystem.removeFile(temporary)
            throw error
        }
        return Outcome(entry: entry, job: job.name, path: path)
    }

    private static func path(_ target: String, for entry: ManifestEntry) -> String {
        guard FileIdentity.find(target)?.kind == .directory else { return target }
        let slash = target.utf8.last == UInt8(ascii: "/") ? "" : "/"
        return "\(target)\(slash)\(entry.path.lastComponent)"
    }

    private func copy(_ entry: ManifestEntry, from folder: String, to temporary: String) async throws {
        let store = LocalTransport(root: folder)
        let sink: RestoreSink
        do throws(FilesError) {
            try FileSystem.removeFile(temporary)
            sink = try RestoreSink(temporary)
        } catch { throw CollectorError.file(error) }
        let count = try await store.read(entry.name, from: 0, count: entry.byteCount + 1) {
            try sink.append($0)
        }
        let hash = try sink.finish(modifiedNanoseconds: entry.modifiedNanoseconds)
        guard count == entry.byteCount, hash == entry.sha256 else {
            throw CollectorError.verification(
                entry.name.below(folder),
                reason:
                    "its contents are not those that were backed up; choose another one from: voxsite backup list"
            )
        }
    }
}

extension BackupRestore.Choice: CustomStringConvertible {
    /// As it was written.
    public var description: String {
        switch self {
        case .kind(let kind): kind.rawValue
        case .name(let name): name
        }
    }
}

import Files

/// The backups at a destination, to be listed, verified and restored.
///
/// Nothing here writes below it.
public struct BackupArchive: Sendable {
    /// One job's part.
    public struct Job: Sendable {
        /// The job's name: that of its folder.
        public var name: String
        /// Where it is.
        public var folder: String
        /// What is kept, the newest last.
        public var entries: [ManifestEntry]
        /// What was put aside as it could not be verified.
        public var quarantined: [ManifestEntry]
        /// When the last pass ended well, in seconds since 1970.
        public var lastSuccess: Double?
        /// Lines of the manifest that cannot be read, numbered from 1.
        public var badLines: [Int]
    }

    /// Sorted by name.
    public let jobs: [Job]
    /// The destination as it was given.
    public let path: String

    /// Reads the manifests at a destination.
    ///
    /// - Parameter path: a destination, or the folder of one job in it.
    /// - Throws: ``CollectorError``; ``CollectorError/selection(_:reason:)`` where there are no backups.
    public init(_ path: String) throws(CollectorError) {
        self.path = path
        let names: [DirectoryTree.Name]
        do throws(FilesError) { names = try DirectoryTree.names(in: path) } catch { throw .file(error) }
        if names.contains(where: { $0.name == CheckpointName.manifestName }) {
            jobs = [try Self.job(path)]
            return
        }
        var jobs: [Job] = []
        for name in names where name.isUTF8 && name.name.utf8.first != UInt8(ascii: ".") {
            let folder = path.utf8.last == UInt8(ascii: "/") ? path + name.name : "\(path)/\(name.name)"
            guard FileIdentity.find("\(folder)/\(CheckpointName.manifestName)")?.kind == .file else {
                continue
            }
            jobs.append(try Self.job(folder))
        }
        guard !jobs.isEmpty else {
            throw .selection(
                path,
                reason:
                    "there are no backups in it: no \(CheckpointName.manifestName); name the destination of a "
                    + "backup"
            )
        }
        self.jobs = jobs
    }

    private static func job(_ folder: String) throws(CollectorError) -> Job {
        let manifest = try BackupManifest.read(folder: folder)
        let resolved = (try? FileSystem.resolve(folder)) ?? folder
        return Job(
            name: FileSystem.name(of: resolved),
            folder: folder,
            entries: manifest.live,
            quarantined: manifest.last.values.filter { $0.action == .quarantined }.sorted {
                ($0.time, $0.name) < ($1.time, $1.name)
            },
            lastSuccess: manifest.lastSuccess,
            badLines: manifest.badLines
        )
    }
}

import Files

/// Reads every backup again and says which are not what the manifest says.
public struct BackupAudit: Sendable {
    /// Something that is not as it should be.
    public struct Defect: Sendable, Hashable {
        /// The file's path.
        public var path: String
        /// What is wrong, and what to do.
        public var reason: String
    }

    /// What an audit found.
    public struct Result: Sendable {
        /// Backups that are whole.
        public var intactCount = 0
        /// Their bytes.
        public var intactByteCount = 0
        /// What is wrong.
        public var defects: [Defect] = []
        /// Files that never could be verified: stated, as they are no backups.
        public var quarantined: [String] = []

        /// What a shell is told: 0, or 23 where anything is wrong.
        public var exitStatus: Int32 { defects.isEmpty ? 0 : 23 }
    }

    private let archive: BackupArchive

    /// - Parameter archive: what is read.
    public init(_ archive: BackupArchive) { self.archive = archive }

    /// Hashes every file, examines its structure, and follows every alias.
    ///
    /// - Parameter progress: called with each file's path before it is read.
    /// - Returns: what was found.
    /// - Throws: ``CollectorError`` where a manifest cannot be read; `CancellationError`.
    public func run(progress: @Sendable (String) -> Void = { _ in }) async throws -> Result {
        var result = Result()
        for job in archive.jobs {
            for line in job.badLines {
                result.defects.append(
                    Defect(
                        path: "\(job.folder)/\(CheckpointName.manifestName):\(line)",
                        reason: "the line cannot be read; what it said about a file is lost"
                    )
                )
            }
            result.quarantined += job.quarantined.map { $0.name.below(job.folder) }
            var defects: [(entry: ManifestEntry, reason: String)] = []
            for entry in job.entries {
                try Task.checkCancellation()
                progress(entry.name.below(job.folder))
                if let reason = try await defect(of: entry, in: job.folder) {
                    defects.append((entry, reason))
                } else {
                    result.intactCount += 1
                    result.intactByteCount += entry.byteCount
                }
            }
            // A backup may go on meanwhile: what was pruned since is no defect.
            let now = try BackupManifest.read(folder: job.folder)
            for (entry, reason) in defects where now.last[entry.name]?.action == .stored {
                result.defects.append(Defect(path: entry.name.below(job.folder), reason: reason))
            }
            result.defects += try strays(job.folder, now)
        }
        return result
    }

    private func defect(of entry: ManifestEntry, in folder: String) async throws -> String? {
        let store = LocalTransport(root: folder)
        let advice = "remove it, and the next backup fetches it again"
        do {
            guard let status = try await store.status(of: entry.name), status.kind == .file else {
                return "it is missing"
            }
            guard status.size == entry.byteCount else {
                return "it has \(status.size) bytes instead of \(entry.byteCount); \(advice)"
            }
            let hash = try await store.sha256(of: entry.name, prefix: nil)
            guard hash == entry.sha256 else {
                return "its SHA-256 is \(hash) instead of \(entry.sha256); \(advice)"
            }
            _ = try await CheckpointStructure.verify(
                entry.name,
                on: store,
                size: entry.byteCount,
                name: entry.path
            )
            return nil
        } catch CollectorError.verification(_, let reason) {
            return "it is no whole checkpoint: \(reason)"
        } catch let error as CollectorError {
            return "it cannot be read: \(error)"
        }
    }

    /// Aliases that lead elsewhere, and files that the manifest does not know.
    private func strays(_ path: String, _ manifest: BackupManifest) throws(CollectorError) -> [Defect] {
        let folder = StoreFolder(path: path)
        var defects: [Defect] = []
        for (alias, entry) in manifest.aliases.sorted(by: { $0.key < $1.key }) {
            guard let contents = folder.file(entry.name) else { continue }
            guard let present = folder.file(alias) else {
                defects.append(Defect(path: alias.below(path), reason: "it should lead to \(entry.name)"))
                continue
            }
            if present.inode == contents.inode, present.device == contents.device { continue }
            // Where the file system has no hard links, it is a copy.
            if present.size == entry.byteCount, try folder.sha256(alias) == entry.sha256 { continue }
            defects.append(
                Defect(
                    path: alias.below(path),
                    reason: "it does not lead to \(entry.name), the newest verified one"
                )
            )
        }
        let known = Set(manifest.last.keys)
        for name in try folder.files() where BackupStore.isContentPath(name) && !known.contains(name) {
            defects.append(
                Defect(
                    path: name.below(path),
                    reason: "the manifest does not know it; nothing vouches for it"
                )
            )
        }
        return defects
    }
}

import Files
import Glibc

/// The moments at which a store may be ended; whoever opens it then finds all of it true.
enum StoreStep: Sendable, Hashable, CaseIterable {
    case verifiedNoted, named, storedNoted, aliasLinked, aliasPlaced, pruneNoted, pruned, putAside,
        quarantineNoted
}

/// The checkpoints of one job at their destination, `<destination>/<job>/`.
///
/// Contents are kept under names that hold their hash, `best.0123456789ab.pt`, and never change. `best.pt` is a
/// further name of the newest verified one. What is what is in the manifest, which is written so that at any
/// moment it claims no file that is not there: first that contents were verified, then the name, then that they
/// are stored, then the alias. One process works on a job at a time.
actor BackupStore {
    nonisolated let folder: StoreFolder
    var manifest: BackupManifest
    let writer: ManifestWriter
    private let lock: OpenFile
    let now: @Sendable () -> Double
    let atStep: @Sendable (StoreStep) throws -> Void
    /// Whether the file system refused a hard link: aliases are then copies.
    var hasNoLinks = false

    /// Opens the folder of a job, creating it where it is missing, and puts right what an end at any moment left.
    ///
    /// - Parameters:
    ///   - path: `<destination>/<job>`.
    ///   - now: seconds since 1970.
    ///   - atStep: called at each step; a test ends the store there by throwing.
    /// - Returns: the store, in which manifest and files agree.
    /// - Throws: ``CollectorError``; ``CollectorError/usage(_:)`` where another process works on the job.
    static func open(
        _ path: String,
        now: @escaping @Sendable () -> Double,
        atStep: @escaping @Sendable (StoreStep) throws -> Void = { _ in }
    ) async throws -> BackupStore {
        let store = try BackupStore(path, now: now, atStep: atStep)
        try await store.recover()
        return store
    }

    private init(
        _ path: String,
        now: @escaping @Sendable () -> Double,
        atStep: @escaping @Sendable (StoreStep) throws -> Void
    ) throws(CollectorError) {
        folder = StoreFolder(path: path)
        self.now = now
        self.atStep = atStep
        do throws(FilesError) {
            try FileSystem.createDirectories(path)
            try OpenFile(FileSystem.folder(of: path), flags: O_RDONLY | O_DIRECTORY).synchronize()
            lock = try OpenFile("\(path)/.lock", flags: O_RDWR | O_CREAT | O_NOFOLLOW, operation: "lock")
        } catch { throw .file(error) }
        guard lock.tryLock() else {
            throw .usage("\(path): another backup is working on it; end that one first, or name another job")
        }
        writer = try ManifestWriter(folder: path)
        manifest = try BackupManifest.read(folder: path)
    }

    deinit { lock.unlock() }

    /// Notes what happened: durable before it counts.
    func note(_ entry: ManifestEntry) throws {
        try writer.append(.file(entry))
        manifest.apply(.file(entry))
    }

    /// Notes that a pass over the source ended.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func notePass(succeeded: Bool, message: String? = nil) throws {
        let line = ManifestLine.pass(time: now(), succeeded: succeeded, message: message)
        try writer.append(line)
        manifest.apply(line)
    }

    /// When the last pass ended well, in seconds since 1970.
    var lastSuccess: Double? { manifest.lastSuccess }

    /// Whether contents of a length are here, so that asking for a hash can spare carrying them.
    func mayKnow(_ byteCount: Int) -> Bool {
        manifest.live.contains { $0.isVerified && $0.byteCount == byteCount }
    }

    /// What is kept of a source's file where it has not changed since; nil where it has to be looked at.
    ///
    /// A checkpoint rests for seconds before it is fetched, so even times in whole seconds tell versions apart.
    func current(_ file: ListedFile, source: String) -> ManifestEntry? {
        guard let modified = file.status.modifiedNanoseconds,
            let entry = manifest.newest(from: file.path) ?? quarantined(file.path).last,
            entry.byteCount == file.status.size, entry.modifiedNanoseconds == modified,
            entry.source == source, folder.holds(entry)
        else { return nil }
        return entry
    }

    /// Keeps a file that came whole.
    ///
    /// - Parameters:
    ///   - file: as it came; its partial file is used up.
    ///   - candidate: what it is.
    ///   - source: the source's root in words.
    /// - Returns: the entry; ``ManifestEntry/Action/quarantined`` where it could not be verified.
    /// - Throws: ``CollectorError``; what was kept before is still there.
    func keep(
        _ file: FetchedFile,
        as candidate: BackupSelection.Candidate,
        source: String
    ) throws -> ManifestEntry {
        let entry = try entry(
            candidate,
            status: file.status,
            sha256: file.sha256,
            verification: file.verification,
            source: source
        )
        guard file.verification.isVerified else { return try putAside(file.partial, entry) }
        return try place(entry, partial: file.partial)
    }

    /// Keeps contents that are here already under another name or from an earlier time, without carrying them.
    ///
    /// - Parameters:
    ///   - candidate: what the source has now.
    ///   - sha256: of its contents, from the source's own host.
    ///   - source: the source's root in words.
    /// - Returns: nil where such contents are not here, or are damaged.
    /// - Throws: ``CollectorError``.
    func adopt(
        _ candidate: BackupSelection.Candidate,
        sha256: SHA256Value,
        source: String
    ) throws -> ManifestEntry? {
        guard let twin = manifest.verified(sha256), try requireIntact(twin) else { return nil }
        let entry = try entry(
            candidate,
            status: candidate.file.status,
            sha256: sha256,
            verification: .sha256,
            source: source
        )
        guard entry.byteCount == twin.byteCount else { return nil }
        return try place(entry, partial: nil)
    }

    private func entry(
        _ candidate: BackupSelection.Candidate,
        status: FileStatus,
        sha256: SHA256Value,
        verification: BackupVerification,
        source: String
    ) throws(CollectorError) -> ManifestEntry {
        ManifestEntry(
            time: now(),
            action: .verified,
            name: try candidate.name.contentPath(candidate.path, sha256),
            path: candidate.path,
            source: source,
            byteCount: status.size,
            sha256: sha256,
            verification: verification,
            kind: candidate.name.kind,
            step: candidate.name.step,
            modifiedNanoseconds: status.modifiedNanoseconds
        )
    }

    /// Gives verified contents their name, from the partial file or from a twin, and moves the alias on.
    private func place(_ entry: ManifestEntry, partial: RelativePath?) throws -> ManifestEntry {
        if let present = manifest.live.last(where: { $0.name == entry.name }) {
            if present.sha256 == entry.sha256, try requireIntact(present) {
                return try finish(entry, partial: partial)
            }
            // Damaged contents have been put aside by now; other contents with the same 48 bits have not.
            if manifest.live.contains(where: { $0.name == entry.name }) {
                throw CollectorError.exists(entry.name.below(folder.path))
            }
        }
        try note(entry)
        try atStep(.verifiedNoted)
        if let twin = manifest.verified(entry.sha256), try requireIntact(twin) {
            if !(try folder.link(twin.name, toNew: entry.name)) { hasNoLinks = true }
        } else if let partial {
            try folder.move(partial, toNew: entry.name)
        } else {
            throw CollectorError.verification(
                entry.path.string,
                reason: "the copy that is here is damaged; the file is carried anew"
            )
        }
        try atStep(.named)
        return try finish(entry, partial: partial)
    }

    private func finish(_ entry: ManifestEntry, partial: RelativePath?) throws -> ManifestEntry {
        let stored = entry.becoming(.stored, at: now())
        try note(stored)
        try atStep(.storedNoted)
        try refreshAliases()
        if let partial { try folder.remove(partial) }
        return stored
    }

    /// Whether a copy is what the manifest says; a damaged one is put aside, so that it serves nobody.
    private func requireIntact(_ entry: ManifestEntry) throws -> Bool {
        if try folder.isIntact(entry) { return true }
        try lose(entry)
        return false
    }
}

import Files

extension BackupStore {
    /// Removes what retention does not keep; counts only on copies that are there with their length.
    ///
    /// - Parameter retention: how many are kept.
    /// - Returns: what went.
    /// - Throws: ``CollectorError``.
    func prune(_ retention: Retention) throws -> [ManifestEntry] {
        let present = manifest.live.filter { folder.holds($0) }
        var gone: [ManifestEntry] = []
        for entry in retention.prunable(present) {
            let pruned = entry.becoming(
                .pruned,
                at: now(),
                message: "newer verified copies are there"
            )
            // Noted first: a file that is there in spite of it is removed at the next start.
            try note(pruned)
            try atStep(.pruneNoted)
            try refreshAliases()
            try folder.remove(entry.name)
            try atStep(.pruned)
            gone.append(pruned)
        }
        return gone
    }

    /// Removes what transfers left behind that nobody will go on with; called when everything is here.
    ///
    /// - Throws: ``CollectorError``.
    func removePartials() throws {
        let partialFolder = WholeFileOptions.defaultPartialFolder
        let entries: [DirectoryTree.Entry]
        do throws(FilesError) {
            entries = try DirectoryTree.walk(folder.path) { path in
                path.lastComponent == partialFolder[...] || path.lastComponent.utf8.first != UInt8(ascii: ".")
            }
        } catch { throw CollectorError.file(error) }
        for entry in entries where entry.kind == .file {
            if entry.path.parent?.lastComponent == partialFolder[...] { try folder.remove(entry.path) }
        }
        for entry in entries where entry.kind == .directory && entry.path.lastComponent == partialFolder[...]
        {
            _ = FileSystem.removeEmptyDirectory(entry.path.below(folder.path))
        }
    }

    /// So many unverified states of one file are kept: they might be what is left, but must not fill the disk.
    private static let keptQuarantineCount = 2

    /// Where something goes that is not to be relied on.
    func quarantinePath(_ path: RelativePath, sha256: SHA256Value) throws -> RelativePath {
        let mark = sha256.hex.prefix(CheckpointName.contentMarkLength)
        let name = path.lastComponent
        do throws(FilesError) {
            let marked = name.contains(mark) ? path : try path.sibling("\(mark)-\(name)")
            return try marked.inFolder(CheckpointName.quarantineName)
        } catch { throw CollectorError.file(error) }
    }

    /// What was put aside of a source's file, oldest first.
    func quarantined(_ path: RelativePath) -> [ManifestEntry] {
        manifest.last.values.filter { $0.action == .quarantined && $0.path == path }
            .sorted { ($0.time, $0.name) < ($1.time, $1.name) }
    }

    /// Puts an unverified file aside.
    func putAside(_ partial: RelativePath, _ entry: ManifestEntry) throws -> ManifestEntry {
        var aside = entry.becoming(.quarantined, at: now(), message: entry.verification.words)
        aside.name = try quarantinePath(entry.name, sha256: entry.sha256)
        if folder.file(aside.name) != nil { try folder.remove(aside.name) }
        try folder.move(partial, toNew: aside.name)
        try atStep(.putAside)
        try note(aside)
        try atStep(.quarantineNoted)
        for old in quarantined(entry.path).dropLast(Self.keptQuarantineCount) {
            try note(old.becoming(.pruned, at: now(), message: "newer states are in quarantine"))
            try folder.remove(old.name)
        }
        return aside
    }

    /// Notes that contents are not what they were, and puts what is left of them aside.
    func lose(_ entry: ManifestEntry) throws {
        let isThere = folder.file(entry.name) != nil
        let message = isThere ? "its contents are damaged; it is in quarantine" : "it is not there any more"
        try note(entry.becoming(.lost, at: now(), message: message))
        // The alias leads to the same damaged contents.
        try refreshAliases()
        guard isThere else { return }
        let aside = try quarantinePath(entry.name, sha256: entry.sha256)
        if folder.file(aside) != nil { try folder.remove(aside) }
        try folder.move(entry.name, toNew: aside)
    }
}

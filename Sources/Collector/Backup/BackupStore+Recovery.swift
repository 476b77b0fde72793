import Files

extension BackupStore {
    /// Puts right what an end at any moment left: afterwards manifest and files agree.
    ///
    /// - Throws: ``CollectorError``.
    func recover() throws {
        for name in try temporaries() { try folder.remove(name) }
        for entry in manifest.live where !folder.holds(entry) {
            if try !heal(entry) { try lose(entry) }
        }
        let live = Set(manifest.live.map(\.name))
        for name in try folder.files() where Self.isContentPath(name) && !live.contains(name) {
            try settle(name)
        }
        try refreshAliases()
    }

    private func temporaries() throws -> [RelativePath] {
        do throws(FilesError) {
            return try DirectoryTree.walk(folder.path) {
                $0.lastComponent.utf8.first != UInt8(ascii: ".") && $0.string != CheckpointName.quarantineName
            }
            .filter { $0.kind == .file && $0.path.lastComponent.hasPrefix(StoreFolder.temporaryPrefix) }
            .map(\.path)
        } catch { throw CollectorError.file(error) }
    }

    /// Whether a path has the form of a content-addressed name.
    static func isContentPath(_ path: RelativePath) -> Bool {
        let name = path.lastComponent
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return CheckpointName.hasContentMark(name[..<dot])
    }

    /// Restores the name of contents that somebody removed while the alias or a twin still leads to them.
    private func heal(_ entry: ManifestEntry) throws -> Bool {
        guard folder.file(entry.name) == nil else { return false }
        let alias = CheckpointName(entry.path).flatMap { try? $0.aliasPath(entry.path) }
        let twins = manifest.live.filter { $0.sha256 == entry.sha256 && $0.name != entry.name }.map(\.name)
        for name in (alias.map { [$0] } ?? []) + twins {
            guard folder.file(name)?.size == entry.byteCount, try folder.sha256(name) == entry.sha256 else {
                continue
            }
            try folder.link(name, toNew: entry.name)
            return true
        }
        return false
    }

    /// Decides about a file with a content-addressed name that the manifest does not count as there.
    private func settle(_ name: RelativePath) throws {
        let known = manifest.last[name]
        switch known?.action {
        case .pruned: try folder.remove(name)
        case .verified:
            guard let known, folder.holds(known), try folder.sha256(name) == known.sha256 else { fallthrough }
            try note(known.becoming(.stored, at: now(), message: "taken up after a restart"))
        default:
            let aside = try quarantinePath(name, sha256: folder.sha256(name))
            if folder.file(aside) != nil { try folder.remove(aside) }
            try folder.move(name, toNew: aside)
        }
    }
}

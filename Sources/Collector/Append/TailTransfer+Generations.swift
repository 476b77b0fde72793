import Files

extension TailTransfer {
    /// The number of the last generation that is kept of a file of which the journal knows nothing.
    func lastGeneration(of target: RelativePath) async throws -> Int {
        guard destination.capabilities.contains(.list) else { return 0 }
        if let folder = target.parent {
            guard try await destination.status(of: folder)?.kind == .directory else { return 0 }
        }
        let listing = try await destination.list(target.parent, recursively: false)
        let base = target.lastComponent
        return listing.files.compactMap { GenerationName.number(of: $0.path.lastComponent, base: base) }.max()
            ?? 0
    }

    /// A number that no generation of a file has.
    ///
    /// - Throws: ``CollectorError/refused(_:reason:)`` where there are too many.
    func freeNumber(of entry: JournalEntry) async throws -> Int {
        var number = entry.generation + 1
        while number <= GenerationName.largestNumber {
            let names = [
                try GenerationName.path(of: entry.path, number: number),
                try GenerationName.path(of: entry.path, number: number, offset: entry.synced),
            ]
            if try await destination.status(of: names).allSatisfy({ $0 == nil }) { return number }
            number += 1
        }
        throw CollectorError.refused(
            entry.path.string,
            reason: "it began anew \(GenerationName.largestNumber) times; look at what writes it"
        )
    }

    /// Files that may be what a file was before it was rotated, the likeliest first.
    ///
    /// By its inode number, whatever its name; else by the name that `logrotate(8)` and Python's
    /// `RotatingFileHandler` give. Logs with a name of their own are collected by that name.
    func rotatedFiles(
        of path: RelativePath,
        entry: JournalEntry,
        now remote: FileStatus
    ) async throws -> [ListedFile] {
        var found: [ListedFile] = []
        if let inode = entry.inode, inode != remote.inode,
            source.capabilities.isSuperset(of: [.list, .inode])
        {
            let listing = try await source.list(path.parent, recursively: false)
            found = listing.files.filter { $0.status.inode == inode && $0.path != path }
        }
        // By name alone it must continue at least one whole line, and be none of the generations kept already.
        if let name = try? path.withSuffix(".1"), entry.lineEnd > 0,
            !found.contains(where: { $0.path == name }),
            let status = try await source.status(of: name),
            try await !isKept(name, status, entry)
        {
            found.append(ListedFile(path: name, status: status))
        }
        return found.filter {
            $0.status.kind == .file && $0.status.size >= entry.synced && FileClass(of: $0.path) == .replace
        }
    }

    /// Whether a rotated file is one of the last generations: of an earlier rotation, with the same first lines.
    private func isKept(
        _ path: RelativePath,
        _ status: FileStatus,
        _ entry: JournalEntry
    ) async throws -> Bool {
        for number in stride(from: entry.generation, to: max(0, entry.generation - 8), by: -1) {
            let name = try GenerationName.path(of: entry.path, number: number)
            guard let kept = try await destination.status(of: name), kept.kind == .file,
                kept.size > entry.synced, kept.size <= status.size
            else { continue }
            if try await prefixIsEqual(path, name, kept.size, .ends) ?? false { return true }
        }
        return false
    }

    /// Whether the file that had this name has another one now, by its inode number.
    func isRotated(_ path: RelativePath, entry: JournalEntry, now remote: FileStatus) async throws -> Bool {
        guard let inode = entry.inode else { return false }
        return try await rotatedFiles(of: path, entry: entry, now: remote).contains {
            $0.status.inode == inode
        }
    }
}

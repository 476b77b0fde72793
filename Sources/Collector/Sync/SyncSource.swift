import Files

/// One source of a sync: a tree, and which part of it was named.
struct SyncSource: Sendable {
    let location: Location
    let transport: any Transport
    /// What was named below the transport's root; nil for all that is in it.
    let name: RelativePath?

    /// Opens a source.
    ///
    /// The transport's root is the folder that names of the transfer begin at: that named with a slash at its end, or
    /// that in which the named thing lies. So paths below the root and names of the transfer are the same.
    ///
    /// - Parameters:
    ///   - location: as written.
    ///   - listsNames: whether names of a list are meant, below the location itself.
    ///   - connections: open it.
    /// - Returns: the open source.
    /// - Throws: ``CollectorError``.
    static func open(
        _ location: Location,
        listsNames: Bool,
        by connections: SyncConnections
    ) async throws -> SyncSource {
        guard !location.hasTrailingSlash, !listsNames, let (folder, name) = location.folderAndName() else {
            return SyncSource(
                location: location,
                transport: try await connections.open(location),
                name: nil
            )
        }
        return SyncSource(
            location: location,
            transport: try await connections.open(folder),
            name: try validated(name, in: location.description)
        )
    }

    private static func validated(_ name: String, in shown: String) throws(CollectorError) -> RelativePath {
        do throws(FilesError) {
            return try RelativePath(validating: name)
        } catch {
            throw .usage("\(shown): \(error.explanation)")
        }
    }

    /// What the named thing holds, before filters.
    struct Contents: Sendable {
        var entries: [ListedFile] = []
        /// The top itself, where all that is in it was named.
        var top: FileStatus?
        var problems: [CollectorError] = []
        /// Names that do not take part: neither files nor folders, or folders without `-r`.
        var skipped: [SkippedName] = []
        var isComplete = true
    }

    /// Lists what takes part.
    ///
    /// - Throws: ``CollectorError``, `CancellationError`.
    func contents(_ options: SyncOptions) async throws -> Contents {
        var contents = Contents()
        if let names = options.fileNames {
            try await add(names, options: options, to: &contents)
        } else if let name {
            guard let status = try await transport.status(of: name) else {
                contents.problems.append(missing(name))
                contents.isComplete = false
                return contents
            }
            try await add(ListedFile(path: name, status: status), options: options, to: &contents)
        } else {
            try requireListing()
            guard options.isRecursive else {
                contents.skipped.append(SkippedName(name: location.path, kind: .directory))
                return contents
            }
            contents.top = transport.rootStatus
            contents.add(try await transport.list(nil, recursively: true))
        }
        return contents
    }

    private func requireListing() throws(CollectorError) {
        guard transport.capabilities.contains(.list) else {
            throw .usage(
                "\(location): it cannot be listed; name single files, or give their names with --files-from"
            )
        }
    }

    private func missing(_ path: RelativePath) -> CollectorError {
        .remoteFile(
            path.below(transport.displayName),
            operation: "find it",
            reason: "nothing is there; check the path"
        )
    }

    private func add(
        _ file: ListedFile,
        options: SyncOptions,
        to contents: inout Contents
    ) async throws {
        switch file.status.kind {
        case .file: contents.entries.append(file)
        case .directory:
            guard options.isRecursive else {
                contents.skipped.append(SkippedName(file))
                return
            }
            contents.entries.append(file)
            try requireListing()
            contents.add(try await transport.list(file.path, recursively: true))
        case .symbolicLink, .other: contents.skipped.append(SkippedName(file))
        }
    }

    /// Adds what `--files-from` names, with the folders it lies in.
    private func add(_ names: [String], options: SyncOptions, to contents: inout Contents) async throws {
        var paths: [RelativePath] = []
        var listed: Set<RelativePath> = []
        for name in names {
            let components = name.split(separator: "/").filter { $0 != "." }
            guard !components.isEmpty else { continue }
            do throws(FilesError) {
                let path = try RelativePath(validating: components.joined(separator: "/"))
                if name.hasSuffix("/") { listed.insert(path) }
                paths.append(path)
            } catch {
                throw CollectorError.usage("--files-from: \(error)")
            }
        }
        let parents = Set(
            paths.flatMap { sequence(first: $0.parent, next: { $0?.parent }).prefix { $0 != nil } }
        )
        let all = Array(Set(paths).union(parents.compactMap { $0 })).sorted()
        var named = Set(paths)
        for (path, status) in zip(all, try await transport.status(of: all)) {
            guard let status else {
                if named.remove(path) != nil { contents.problems.append(missing(path)) }
                continue
            }
            switch status.kind {
            case .file, .directory: contents.entries.append(ListedFile(path: path, status: status))
            case .symbolicLink, .other:
                contents.skipped.append(SkippedName(name: path.string, kind: status.kind))
            }
            guard status.kind == .directory, named.contains(path) else { continue }
            if options.isRecursive || listed.contains(path) {
                try requireListing()
                contents.add(try await transport.list(path, recursively: options.isRecursive))
            }
        }
    }
}

extension SyncSource.Contents {
    fileprivate mutating func add(_ listing: Listing) {
        for file in listing.files {
            switch file.status.kind {
            case .file, .directory: entries.append(file)
            case .symbolicLink, .other: skipped.append(SkippedName(file))
            }
        }
        problems += listing.problems
        if !listing.problems.isEmpty { isComplete = false }
    }
}

import Files

/// Where a sync puts what it carries.
struct SyncDestination: Sendable {
    let transport: any WritableTransport
    /// Nil where it does not exist, in a dry run.
    let exists: Bool
    /// Another name for the only file, where the destination is a file's name.
    let fileName: RelativePath?
    let wasCreated: Bool

    /// Finds out what the destination is, by rsync's rules, and creates it where it is to be a folder.
    ///
    /// Source: rsync, main.c, `get_local_name`.
    ///
    /// - Parameters:
    ///   - options: of the sync.
    ///   - entries: what is to be carried.
    ///   - connections: open it.
    /// - Returns: nil where there is nothing to carry and nothing there.
    /// - Throws: ``CollectorError/selection(_:reason:)`` where a file stands where a folder is needed.
    static func open(
        _ options: SyncOptions,
        entries: [SyncEntry],
        by connections: SyncConnections
    ) async throws -> SyncDestination {
        let location = options.destination
        guard let (folder, name) = location.folderAndName() else {
            return SyncDestination(
                transport: try await connections.openWritable(location),
                exists: true,
                fileName: nil,
                wasCreated: false
            )
        }
        if options.createsParents, !options.isDryRun {
            try await createParents(of: folder, by: connections)
        }
        let path = try validated(name, in: location)
        let parent = try await connections.openWritable(folder)
        let isOneFile = entries.count == 1 && entries[0].path != nil && !entries[0].isFolder
        let existing: FileStatus?
        do {
            existing = try await parentStatus(of: path, on: parent, location: location)
        } catch CollectorError.file where options.isDryRun && options.createsParents {
            existing = nil
        } catch CollectorError.file(let error) where isOneFile {
            throw CollectorError.selection(
                location.description,
                reason: "the folder it is to be in cannot be used: \(error.explanation); --mkpath creates it"
            )
        }
        if existing?.kind == .directory {
            return SyncDestination(
                transport: try await connections.openWritable(location),
                exists: true,
                fileName: nil,
                wasCreated: false
            )
        }
        if existing == nil, !isOneFile || location.hasTrailingSlash || options.sources.count > 1 {
            if !options.isDryRun { try await parent.createFolder(path) }
            return SyncDestination(
                transport: options.isDryRun ? parent : try await connections.openWritable(location),
                exists: !options.isDryRun,
                fileName: nil,
                wasCreated: true
            )
        }
        guard isOneFile, !location.hasTrailingSlash else {
            throw CollectorError.selection(
                location.description,
                reason: "it is a file; more than one file needs a folder there"
            )
        }
        return SyncDestination(transport: parent, exists: true, fileName: path, wasCreated: false)
    }

    private static func validated(
        _ name: String,
        in location: Location
    ) throws(CollectorError) -> RelativePath {
        do throws(FilesError) {
            return try RelativePath(validating: name)
        } catch {
            throw .usage("\(location): \(error.explanation)")
        }
    }

    /// What stands at the destination; the destination itself, and it alone, may be a link to a folder.
    private static func parentStatus(
        of path: RelativePath,
        on parent: any WritableTransport,
        location: Location
    ) async throws -> FileStatus? {
        let status = try await parent.status(of: path)
        guard status?.kind == .symbolicLink, location.isLocal,
            FileIdentity.find(location.path)?.kind == .directory
        else { return status }
        return FileStatus(kind: .directory, size: 0)
    }

    private static func createParents(of folder: Location, by connections: SyncConnections) async throws {
        if folder.isLocal {
            do throws(FilesError) {
                try FileSystem.createDirectories(folder.path)
            } catch {
                throw CollectorError.file(error)
            }
            return
        }
        guard folder.folderAndName() != nil else { return }
        var root = folder
        root.path = folder.path.hasPrefix("/") ? "/" : "."
        let path = folder.path.hasPrefix("/") ? String(folder.path.dropFirst()) : folder.path
        let transport = try await connections.openWritable(root)
        try await transport.createFolder(try validated(path, in: folder))
        await transport.close()
    }
}

public import Files
import Glibc

extension LocalTransport {
    /// Lists a folder, and those below it where wanted.
    ///
    /// - Parameters:
    ///   - folder: below the root; nil for the root itself.
    ///   - recursively: whether to list what is in the folders below.
    /// - Returns: the entries in byte order, folders before their contents.
    /// - Throws: ``CollectorError`` where the folder itself cannot be listed, and `CancellationError`.
    @concurrent
    public func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        let root = try LocalDescriptor.root(root)
        var listing = Listing()
        // Folders still to be read: however deep the tree is, one descriptor is open at a time.
        var pending: [RelativePath] = []
        try Self.read(folder, below: root, into: &listing, folders: &pending)
        while recursively, let next = pending.popLast() {
            try Task.checkCancellation()
            do throws(CollectorError) {
                try Self.read(next, below: root, into: &listing, folders: &pending)
            } catch {
                // It went away, or became something else, while the walk passed: then it is not there.
                if case .file(let reason) = error, reason.code == ENOENT || reason.code == ENOTDIR {
                    continue
                }
                listing.problems.append(error)
            }
        }
        listing.files.sort { $0.path < $1.path }
        return listing
    }

    private static func read(
        _ folder: RelativePath?,
        below root: borrowing LocalDescriptor,
        into listing: inout Listing,
        folders: inout [RelativePath]
    ) throws(CollectorError) {
        let descriptor = try root.open(
            folder,
            flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK,
            operation: "list the folder"
        )
        for name in try names(in: descriptor) {
            let shown = descriptor.path + "/" + name.text
            guard name.isUTF8 else {
                listing.problems.append(.refused(shown, reason: "its name is not UTF-8; rename it"))
                continue
            }
            do throws(CollectorError) {
                let path = try path(of: name.text, in: folder, shown: shown)
                guard let status = try descriptor.identity(of: name.text).map({ FileStatus($0) }) else {
                    continue
                }
                listing.files.append(ListedFile(path: path, status: status))
                if status.kind == .directory { folders.append(path) }
            } catch {
                listing.problems.append(error)
            }
        }
    }

    private static func path(
        of name: String,
        in folder: RelativePath?,
        shown: String
    ) throws(CollectorError) -> RelativePath {
        do throws(FilesError) {
            guard let folder else { return try RelativePath(validating: name) }
            return try folder.appending(name)
        } catch {
            throw .refused(shown, reason: error.explanation)
        }
    }

    private struct Name {
        let text: String
        let isUTF8: Bool
    }

    private static func names(in folder: borrowing LocalDescriptor) throws(CollectorError) -> [Name] {
        // The stream owns, and closes, its own descriptor.
        let own = dup(folder.number)
        guard own >= 0 else { throw folder.failure("list the folder") }
        guard let stream = fdopendir(own) else {
            let error = folder.failure("list the folder")
            _ = Glibc.close(own)
            throw error
        }
        defer { _ = closedir(stream) }
        var names: [Name] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    Name(text: String(cString: $0), isUTF8: String(validatingCString: $0) != nil)
                }
            }
            if name.text != "." && name.text != ".." { names.append(name) }
        }
        if errno != 0 { throw folder.failure("list the folder") }
        return names
    }
}

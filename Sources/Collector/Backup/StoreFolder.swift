import Files
import Glibc
import Synchronization

/// The folder of a job: single steps on the files in it, each of which either happens or throws.
struct StoreFolder: Sendable {
    /// Where it is.
    let path: String

    private static let counter = Atomic<UInt64>(0)
    /// How temporary names begin; they mean nothing after a restart.
    static let temporaryPrefix = ".voxsite-tmp-"

    /// What stands at a path, links not followed; nil for anything but a regular file.
    func file(_ name: RelativePath) -> FileIdentity? {
        FileIdentity.find(name.below(path), followingSymbolicLinks: false).flatMap {
            $0.kind == .file ? $0 : nil
        }
    }

    /// Whether a file is there with the length it should have.
    func holds(_ entry: ManifestEntry) -> Bool { file(entry.name)?.size == entry.byteCount }

    /// Whether a file's contents are what the manifest says.
    ///
    /// - Throws: ``CollectorError/file(_:)`` where it is there and cannot be read.
    func isIntact(_ entry: ManifestEntry) throws(CollectorError) -> Bool {
        guard holds(entry) else { return false }
        return try sha256(entry.name) == entry.sha256
    }

    /// The hash of a file that is there.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func sha256(_ name: RelativePath) throws(CollectorError) -> SHA256Value {
        do throws(FilesError) {
            let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
            return try SHA256Value(hashing: OpenFile(name.below(path), flags: flags, operation: "read"))
        } catch { throw .file(error) }
    }

    /// Creates the folder that a file goes to, and waits until it is there for good.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func createParent(of name: RelativePath) throws(CollectorError) {
        guard let parent = name.parent else { return }
        let folder = parent.below(path)
        if FileIdentity.find(folder, followingSymbolicLinks: false)?.kind == .directory { return }
        try createParent(of: parent)
        do throws(FilesError) {
            try FileSystem.createDirectories(folder)
            try OpenFile(FileSystem.folder(of: folder), flags: O_RDONLY | O_DIRECTORY).synchronize()
        } catch { throw .file(error) }
    }

    /// Renames a file to a name that nothing has yet, durably.
    ///
    /// - Throws: ``CollectorError/file(_:)``, ``CollectorError/exists(_:)``.
    func move(_ name: RelativePath, toNew target: RelativePath) throws(CollectorError) {
        try createParent(of: target)
        do throws(FilesError) {
            try FileSystem.renameWithoutReplacing(name.below(path), to: target.below(path))
        } catch {
            throw error.code == EEXIST ? .exists(target.below(path)) : .file(error)
        }
        try synchronizeParent(of: target)
    }

    /// Gives a file a further name that nothing has yet, durably; copies it where the file system has no links.
    ///
    /// - Returns: whether it is a link.
    /// - Throws: ``CollectorError/file(_:)``, ``CollectorError/exists(_:)``.
    @discardableResult
    func link(_ name: RelativePath, toNew target: RelativePath) throws(CollectorError) -> Bool {
        try createParent(of: target)
        var isLinked = true
        do throws(FilesError) {
            try FileSystem.link(name.below(path), to: target.below(path))
        } catch {
            switch error.code {
            case EEXIST: throw .exists(target.below(path))
            case EPERM, EOPNOTSUPP, EMLINK, ENOSYS: isLinked = false
            default: throw .file(error)
            }
        }
        if isLinked {
            try synchronizeParent(of: target)
            return true
        }
        let temporary = temporaryPath(beside: target)
        try copy(name, to: temporary)
        do throws(CollectorError) { try move(temporary, toNew: target) } catch {
            try remove(temporary)
            throw error
        }
        return false
    }

    /// Copies a file with the time of its last change, and waits until it is on the device.
    ///
    /// - Throws: ``CollectorError/file(_:)``; nothing is left behind.
    func copy(_ name: RelativePath, to target: RelativePath) throws(CollectorError) {
        do throws(FilesError) {
            let source = try OpenFile.reading(name.below(path))
            let copy = try OpenFile(
                target.below(path),
                flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                mode: 0o600,
                operation: "write"
            )
            try copy.copyContents(of: source)
            try copy.setModified(nanoseconds: source.identity().modifiedNanoseconds)
            try copy.synchronize()
        } catch {
            if error.code != EEXIST { try? FileSystem.removeFile(target.below(path)) }
            throw .file(error)
        }
    }

    /// Renames a file over another, durably.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func replace(_ target: RelativePath, with name: RelativePath) throws(CollectorError) {
        do throws(FilesError) {
            try FileSystem.rename(name.below(path), to: target.below(path))
            // rename(2) does nothing where both names lead to one file, and leaves both.
            try FileSystem.removeFile(name.below(path))
        } catch { throw .file(error) }
        try synchronizeParent(of: target)
    }

    /// Removes a file, durably; it is fine where nothing is there.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func remove(_ name: RelativePath) throws(CollectorError) {
        do throws(FilesError) { try FileSystem.removeFile(name.below(path)) } catch { throw .file(error) }
        if let parent = name.parent,
            FileIdentity.find(parent.below(path), followingSymbolicLinks: false) == nil
        {
            return
        }
        try synchronizeParent(of: name)
    }

    /// How many names lead to a file; 0 where nothing is there.
    func linkCount(_ name: RelativePath) -> Int {
        var status = stat()
        return lstat(name.below(path), &status) == 0 ? Int(status.st_nlink) : 0
    }

    /// A hidden name in the same folder that nothing has.
    func temporaryPath(beside name: RelativePath) -> RelativePath {
        let serial = Self.counter.add(1, ordering: .relaxed).newValue
        let hidden = "\(Self.temporaryPrefix)\(getpid())-\(serial)"
        // Shorter than any stem, so it is a path wherever `name` is one.
        return (try? name.sibling(hidden)) ?? name
    }

    /// Everything in the folder but partial files and what was put aside.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func files() throws(CollectorError) -> [RelativePath] {
        do throws(FilesError) {
            return try DirectoryTree.walk(path) {
                $0.lastComponent.utf8.first != UInt8(ascii: ".") && $0.string != CheckpointName.quarantineName
            }
            .filter { $0.kind == .file }.map(\.path)
        } catch { throw .file(error) }
    }

    private func synchronizeParent(of name: RelativePath) throws(CollectorError) {
        let folder = name.parent?.below(path) ?? path
        do throws(FilesError) {
            try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY, operation: "save").synchronize()
        } catch { throw .file(error) }
    }
}

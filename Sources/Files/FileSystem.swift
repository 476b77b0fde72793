import CLinux
import Glibc

/// Single steps on files and folders that need no descriptor: each either happens or throws.
public enum FileSystem {
    /// Creates the folder at `path` and the folders it lies in; those that exist already are fine.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - mode: its permissions, before the umask.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func createDirectories(_ path: String, mode: UInt32 = 0o755) throws(FilesError) {
        if unsafe mkdir(path, mode_t(mode)) == 0 { return }
        switch errno {
        case EEXIST:
            guard FileIdentity.find(path)?.kind == .directory else {
                throw .system(operation: "create the folder", path: path, code: ENOTDIR)
            }
        case ENOENT:
            let parent = folder(of: path)
            guard parent != path else {
                throw .system(operation: "create the folder", path: path, code: ENOENT)
            }
            try createDirectories(parent, mode: mode)
            if unsafe mkdir(path, mode_t(mode)) != 0, errno != EEXIST {
                throw .system(operation: "create the folder", path: path, code: errno)
            }
        case let code: throw .system(operation: "create the folder", path: path, code: code)
        }
    }

    /// Renames `source` to `target`, replacing a file that is there.
    ///
    /// - Parameters:
    ///   - source: an existing file or folder.
    ///   - target: on the same file system.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func rename(_ source: String, to target: String) throws(FilesError) {
        guard unsafe Glibc.rename(source, target) == 0 else {
            throw .system(operation: "rename it to \(target)", path: source, code: errno)
        }
    }

    /// Renames `source` to `target` where nothing must be yet.
    ///
    /// - Parameters:
    ///   - source: an existing file or folder.
    ///   - target: on the same file system.
    /// - Throws: ``FilesError/system(operation:path:code:)``, with `EEXIST` where something is there.
    public static func renameWithoutReplacing(_ source: String, to target: String) throws(FilesError) {
        let flags = UInt32(VOX_RENAME_NOREPLACE)
        guard unsafe renameat2(AT_FDCWD, source, AT_FDCWD, target, flags) == 0 else {
            throw .system(operation: "rename it to \(target)", path: source, code: errno)
        }
    }

    /// Gives two existing files or folders each other's names, in one step that nobody can see half of.
    ///
    /// - Parameters:
    ///   - first: an existing file or folder.
    ///   - second: another one on the same file system.
    /// - Throws: ``FilesError/system(operation:path:code:)``; `EXDEV`, `EBUSY`, `EINVAL` and `ENOSYS` mean
    ///   that this place does not allow it.
    public static func exchange(_ first: String, _ second: String) throws(FilesError) {
        let flags = UInt32(VOX_RENAME_EXCHANGE)
        guard unsafe renameat2(AT_FDCWD, first, AT_FDCWD, second, flags) == 0 else {
            throw .system(operation: "exchange it with \(second)", path: first, code: errno)
        }
    }

    /// Gives the file at `source` the further name `target`; a symbolic link is linked itself.
    ///
    /// - Parameters:
    ///   - source: an existing file.
    ///   - target: on the same file system; nothing must be there yet.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func link(_ source: String, to target: String) throws(FilesError) {
        guard unsafe linkat(AT_FDCWD, source, AT_FDCWD, target, 0) == 0 else {
            throw .system(operation: "link it as \(target)", path: source, code: errno)
        }
    }

    /// Removes the file or link at `path`; it is fine where nothing is there.
    ///
    /// - Parameter path: anything but a folder.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func removeFile(_ path: String) throws(FilesError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw .system(operation: "remove", path: path, code: errno)
        }
    }

    /// Removes the folder at `path` if it is empty.
    ///
    /// - Parameter path: a folder.
    /// - Returns: whether it is gone.
    @discardableResult
    public static func removeEmptyDirectory(_ path: String) -> Bool {
        unsafe rmdir(path) == 0 || errno == ENOENT
    }

    /// Removes what stands at `path` with all it contains; symbolic links are removed, never followed.
    ///
    /// - Parameter path: anything, or nothing.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func removeTree(_ path: String) throws(FilesError) {
        if unsafe unlink(path) == 0 || errno == ENOENT { return }
        let unlinkCode = errno
        guard FileIdentity.find(path, followingSymbolicLinks: false)?.kind == .directory else {
            throw .system(operation: "remove", path: path, code: unlinkCode)
        }
        for name in try DirectoryTree.names(in: path) { try removeTree("\(path)/\(name.name)") }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else {
            throw .system(operation: "remove", path: path, code: errno)
        }
    }

    /// The folder that `path` lies in: `.` for a bare name, `/` for the root.
    ///
    /// - Parameter path: any path.
    /// - Returns: the path up to its last slash.
    public static func folder(of path: String) -> String {
        var bytes = path.utf8[...]
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == bytes.startIndex ? "/" : String(path[..<slash])
    }

    /// Sets the permissions of what stands at `path`.
    ///
    /// - Parameters:
    ///   - path: a file or folder.
    ///   - identity: what to take the permissions from.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func setMode(of path: String, like identity: FileIdentity) throws(FilesError) {
        guard unsafe chmod(path, mode_t(identity.mode)) == 0 else {
            throw .system(operation: "set the permissions", path: path, code: errno)
        }
    }

    /// The path without symbolic links, `.` and `..`.
    ///
    /// - Parameter path: something that exists.
    /// - Returns: an absolute path.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func resolve(_ path: String) throws(FilesError) -> String {
        guard let resolved = unsafe realpath(path, nil) else {
            throw .system(operation: "find it", path: path, code: errno)
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The last name in `path`; empty for `/`.
    ///
    /// - Parameter path: any path without a slash at its end.
    /// - Returns: what follows its last slash.
    public static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// The working directory, absolute; nil where it was removed.
    static var currentDirectory: String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: RelativePath.maximumLength) { buffer in
            guard let path = unsafe getcwd(buffer.baseAddress, buffer.count) else { return nil }
            return unsafe String(cString: path)
        }
    }

    /// Waits until the entries of the folder that `path` lies in are on the device.
    static func synchronizeFolder(of path: String) throws(FilesError) {
        try OpenFile(folder(of: path), flags: O_RDONLY | O_DIRECTORY).synchronize()
    }
}

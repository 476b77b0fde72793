import Glibc

/// Folders, listed in an order that depends on nothing but the names in them.
public enum DirectoryTree {
    /// One file, folder or link below the walked root.
    public struct Entry: Sendable, Hashable {
        /// Below the root.
        public let path: RelativePath
        /// What it was when the walk passed; a symbolic link counts as itself.
        public let identity: FileIdentity

        /// Whether it is a file, a folder, a link.
        public var kind: FileIdentity.Kind { identity.kind }
    }

    /// One name in one folder.
    public struct Name: Sendable, Hashable {
        /// With replacement characters where the bytes are not UTF-8: good for messages only.
        public let name: String
        /// Whether `name` is what is on disk.
        public let isUTF8: Bool
        /// What the name leads to, unique within the file system.
        public let inode: UInt64
        /// Nil where the file system does not tell with the name.
        public let kind: FileIdentity.Kind?
    }

    /// Lists everything below `root`, folders before their contents, in byte order.
    ///
    /// Symbolic links are listed and never followed, so the walk cannot leave the root or run in a circle.
    /// What vanishes while the walk passes is left out.
    ///
    /// - Parameters:
    ///   - root: an existing folder, or a link to one.
    ///   - descends: whether to list what is in a folder; asked once for each.
    /// - Returns: every entry, sorted by path.
    /// - Throws: ``FilesError`` for the first folder or name that cannot be read.
    public static func walk(
        _ root: String,
        where descends: (RelativePath) -> Bool = { _ in true }
    ) throws(FilesError) -> [Entry] {
        var problems: [FilesError] = []
        let entries = try walk(root, where: descends, problems: &problems)
        if let first = problems.first { throw first }
        return entries
    }

    /// Lists everything below `root` as ``walk(_:where:)`` does, going on where a part cannot be read.
    ///
    /// - Parameters:
    ///   - root: an existing folder, or a link to one.
    ///   - descends: whether to list what is in a folder; asked once for each.
    ///   - problems: gains one error for every folder that cannot be read and every name that cannot be a
    ///     ``RelativePath``.
    /// - Returns: every entry that could be listed, sorted by path.
    /// - Throws: ``FilesError`` only where `root` itself cannot be read.
    public static func walk(
        _ root: String,
        where descends: (RelativePath) -> Bool = { _ in true },
        problems: inout [FilesError]
    ) throws(FilesError) -> [Entry] {
        var entries: [Entry] = []
        let names = try names(in: root)
        collect(names, of: nil, root: root, descends: descends, into: &entries, problems: &problems)
        return entries
    }

    /// Lists the names in one folder in byte order, without `.` and `..`.
    ///
    /// - Parameter directory: an existing folder, or a link to one.
    /// - Returns: the names.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func names(in directory: String) throws(FilesError) -> [Name] {
        guard let stream = unsafe opendir(directory) else {
            throw .system(operation: "list the folder", path: directory, code: errno)
        }
        defer { _ = unsafe closedir(stream) }
        var names: [Name] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let (name, isUTF8) = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe (String(cString: $0), String(validatingCString: $0) != nil)
                }
            }
            if name == "." || name == ".." { continue }
            let kind: FileIdentity.Kind? =
                switch unsafe Int(entry.pointee.d_type) {
                case Int(DT_REG): .file
                case Int(DT_DIR): .directory
                case Int(DT_LNK): .symbolicLink
                case Int(DT_UNKNOWN): nil
                default: .other
                }
            let inode = unsafe UInt64(entry.pointee.d_ino)
            names.append(Name(name: name, isUTF8: isUTF8, inode: inode, kind: kind))
        }
        if errno != 0 { throw .system(operation: "list the folder", path: directory, code: errno) }
        names.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return names
    }

    private static func collect(
        _ names: [Name],
        of folder: RelativePath?,
        root: String,
        descends: (RelativePath) -> Bool,
        into entries: inout [Entry],
        problems: inout [FilesError]
    ) {
        for name in names {
            do throws(FilesError) {
                let path: RelativePath
                if let folder {
                    path = try folder.appending(name.name)
                } else {
                    path = try RelativePath(validating: name.name)
                }
                guard name.isUTF8 else {
                    throw .unsafePath(path.below(root), reason: "its name is not UTF-8; rename it")
                }
                let fullPath = path.below(root)
                let identity = try FileIdentity(ofFileAt: fullPath, followingSymbolicLinks: false)
                entries.append(Entry(path: path, identity: identity))
                guard identity.kind == .directory, descends(path) else { continue }
                let inner = try self.names(in: fullPath)
                collect(inner, of: path, root: root, descends: descends, into: &entries, problems: &problems)
            } catch {
                if error.code != ENOENT { problems.append(error) }
            }
        }
    }
}

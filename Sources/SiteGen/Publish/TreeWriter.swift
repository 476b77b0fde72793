import Files
import Glibc

/// Puts single files into a tree, each as a new file: what stood there may be shared with the live site.
enum TreeWriter {
    /// Replaces the file at `path` below `root`.
    ///
    /// - Returns: what is there now.
    static func put(_ bytes: [UInt8], at path: RelativePath, below root: String) throws -> FileIdentity {
        try makeWay(for: path, below: root)
        let file = try OpenFile(path.below(root), flags: O_WRONLY | O_CREAT | O_EXCL, operation: "write")
        try file.write(bytes)
        return try file.identity()
    }

    /// Replaces the file at `path` below `root` by a copy of `source` below `folder`.
    ///
    /// - Returns: what is there now.
    static func put(
        copyOf source: RelativePath,
        below folder: String,
        at path: RelativePath,
        root: String
    ) throws -> FileIdentity {
        try makeWay(for: path, below: root)
        return try copy(try OpenFile.reading(source, below: folder), to: path.below(root))
    }

    /// Copies a file with its time, by which the copy is recognised later.
    ///
    /// Never a hard link: media may be rewritten in place, and the site must not change with them.
    ///
    /// - Returns: what is there now.
    static func copy(
        _ input: borrowing OpenFile,
        to target: String
    ) throws(FilesError) -> FileIdentity {
        // Its time before the copy: if it changes meanwhile, the next publish sees a difference.
        let identity = try input.identity()
        let output = try OpenFile(target, flags: O_WRONLY | O_CREAT | O_EXCL, operation: "write")
        try output.copyContents(of: input)
        try output.setModified(nanoseconds: identity.modifiedNanoseconds)
        return try output.identity()
    }

    /// Removes the file at `path` and the folders below `root` that it leaves empty.
    static func remove(_ path: RelativePath, below root: String) throws {
        // Somebody may have put a folder where our file was: that is theirs.
        let existing = FileIdentity.find(path.below(root), followingSymbolicLinks: false)
        guard existing?.kind != .directory else { return }
        try FileSystem.removeFile(path.below(root))
        var folder = path.parent
        while let current = folder, FileSystem.removeEmptyDirectory(current.below(root)) {
            folder = current.parent
        }
    }

    /// Makes the folders a file needs and removes the file it replaces, unless a rename will do that.
    static func makeWay(for path: RelativePath, below root: String, keepingFile: Bool = false) throws {
        if let parent = path.parent { try FileSystem.createDirectories(parent.below(root)) }
        if keepingFile {
            let existing = FileIdentity.find(path.below(root), followingSymbolicLinks: false)
            guard existing?.kind == .directory else { return }
        }
        guard unlink(path.below(root)) != 0, errno != ENOENT else { return }
        let code = errno
        guard FileIdentity.find(path.below(root), followingSymbolicLinks: false)?.kind == .directory else {
            throw FilesError.system(operation: "replace", path: path.below(root), code: code)
        }
        guard FileSystem.removeEmptyDirectory(path.below(root)) else {
            throw FilesError.system(operation: "write", path: path.below(root), code: EISDIR)
        }
    }
}

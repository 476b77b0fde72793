import Files
import Glibc

/// Files and folders that are nobody else's business: mode 0600 and 0700 from their first moment.
enum PrivateFile {
    /// Creates a folder with a name that nobody can guess.
    ///
    /// - Parameter prefix: the beginning of its path.
    /// - Returns: its path.
    /// - Throws: ``FilesError``.
    static func makeFolder(_ prefix: String) throws(FilesError) -> String {
        var template = Array((prefix + "XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .system(operation: "create a private folder", path: prefix, code: errno)
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Creates a file that is not there yet.
    ///
    /// - Parameters:
    ///   - text: its contents.
    ///   - path: where.
    ///   - mode: its permissions.
    ///   - synchronizing: whether to wait for the device.
    /// - Throws: ``FilesError``.
    static func create(
        _ text: String,
        at path: String,
        mode: UInt32 = 0o600,
        synchronizing: Bool = false
    ) throws(FilesError) {
        let file = try OpenFile(
            path,
            flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
            mode: mode,
            operation: "create"
        )
        try file.write(Array(text.utf8))
        if synchronizing { try file.synchronize() }
    }

    /// Puts a text in the place of a file, in one step and for good.
    ///
    /// - Parameters:
    ///   - path: the file; where it is a link, what it leads to is replaced.
    ///   - text: the new contents.
    /// - Throws: ``FilesError``; the old file is then as it was.
    static func replace(_ path: String, by text: String) throws(FilesError) {
        let target = FileIdentity.find(path) == nil ? path : try FileSystem.resolve(path)
        let folder = FileSystem.folder(of: target)
        let temporary = "\(folder)/.\(FileSystem.name(of: target)).\(getpid())"
        try FileSystem.removeFile(temporary)
        do throws(FilesError) {
            try create(text, at: temporary, synchronizing: true)
            try FileSystem.rename(temporary, to: target)
        } catch {
            try? FileSystem.removeFile(temporary)
            throw error
        }
        try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY).synchronize()
    }
}

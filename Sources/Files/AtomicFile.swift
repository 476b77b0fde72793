import Glibc
import Synchronization

/// Whole files, written so that a reader sees the old contents or the new, never a part.
public enum AtomicFile {
    /// Distinguishes the temporary names of one process.
    private static let counter = Atomic<UInt64>(0)

    /// Replaces the file at `path` by `bytes`: a temporary file in the same folder, then a rename.
    ///
    /// After a crash of this process the old or the new file is there. With `synchronizing` that also holds
    /// after a power cut, at the price of a disk flush (milliseconds); leave it out for what can be made
    /// again.
    ///
    /// - Parameters:
    ///   - bytes: the new contents.
    ///   - path: the file; its folder must exist. A symbolic link there is replaced, not followed.
    ///   - synchronizing: whether to wait for the device.
    /// - Throws: ``FilesError/system(operation:path:code:)``; the old file is then as it was.
    public static func write(
        _ bytes: [UInt8],
        to path: String,
        synchronizing: Bool = true
    ) throws(FilesError) {
        try write(to: path, synchronizing: synchronizing) { file throws(FilesError) in try file.write(bytes) }
    }

    /// Replaces the file at `path` by what `body` writes, with the same promises: for what need not be in memory
    /// as a whole.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist. A symbolic link there is replaced, not followed.
    ///   - synchronizing: whether to wait for the device.
    ///   - body: writes the new contents, in order.
    /// - Throws: ``FilesError/system(operation:path:code:)``, or what `body` throws; the old file is then as it
    ///   was.
    public static func write(
        to path: String,
        synchronizing: Bool = true,
        _ body: (borrowing OpenFile) throws(FilesError) -> Void
    ) throws(FilesError) {
        let temporary = temporaryPath(beside: path)
        do {
            try create(temporary, synchronizing: synchronizing, body)
            try FileSystem.rename(temporary, to: path)
            if synchronizing { try FileSystem.synchronizeFolder(of: path) }
        } catch {
            _ = unsafe unlink(temporary)
            if case .system(let operation, temporary, let code) = error {
                throw .system(operation: operation, path: path, code: code)
            }
            throw error
        }
    }

    private static func create(
        _ path: String,
        synchronizing: Bool,
        _ body: (borrowing OpenFile) throws(FilesError) -> Void
    ) throws(FilesError) {
        let file = try OpenFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, operation: "write")
        try body(file)
        if synchronizing { try file.synchronize() }
    }

    /// A hidden name in the same folder that no other writer uses.
    private static func temporaryPath(beside path: String) -> String {
        let serial = counter.add(1, ordering: .relaxed).newValue
        let folder = FileSystem.folder(of: path)
        return "\(folder)/.voxsite-tmp-\(getpid())-\(serial)"
    }
}

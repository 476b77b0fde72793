import CLinux
public import Files
import Glibc

/// `UTIME_OMIT` of <sys/stat.h>, a macro the importer cannot read: leave the time of reading as it is.
private let leaveTime = (1 << 30) - 2

extension LocalTransport {
    /// Creates a folder and those it lies in, with mode 0755 less the umask.
    ///
    /// - Parameter path: below the root.
    /// - Throws: ``CollectorError``; ``CollectorError/refused(_:reason:)`` where a link is in the way.
    @concurrent
    public func createFolder(_ path: RelativePath) async throws {
        let root = try LocalDescriptor.root(root)
        try Self.createFolder(path, below: root)
    }

    private static func createFolder(
        _ path: RelativePath,
        below root: borrowing LocalDescriptor
    ) throws(CollectorError) {
        let operation = "create the folder"
        do throws(CollectorError) {
            _ = try root.open(path, flags: O_RDONLY | O_DIRECTORY, operation: operation)
            return
        } catch {
            guard case .file(let reason) = error, reason.code == ENOENT else { throw error }
        }
        if let parent = path.parent { try createFolder(parent, below: root) }
        let folder = try root.openParent(of: path, operation: operation)
        let name = String(path.lastComponent)
        guard mkdirat(folder.number, name, 0o755) == 0 || errno == EEXIST else {
            throw .file(.system(operation: operation, path: path.below(root.path), code: errno))
        }
        try folder.synchronize()
        // Whatever stands there now must be a folder and no link.
        _ = try root.open(path, flags: O_RDONLY | O_DIRECTORY, operation: operation)
    }

    /// Writes bytes at an exact offset with `pwrite(2)`, then `fdatasync(2)`.
    ///
    /// - Parameters:
    ///   - path: below the root; its folder exists.
    ///   - offset: where the first byte goes.
    ///   - truncating: whether the file ends behind the written bytes.
    ///   - chunks: called for the next bytes until it returns an empty array.
    /// - Returns: how many bytes were written.
    /// - Throws: ``CollectorError``, what `chunks` throws, and `CancellationError`.
    @concurrent
    public func write(
        _ path: RelativePath,
        at offset: Int,
        truncating: Bool,
        from chunks: @Sendable () async throws -> [UInt8]
    ) async throws -> Int {
        guard offset >= 0 else { throw CollectorError.refused(path.string, reason: "a negative offset") }
        let root = try LocalDescriptor.root(root)
        let folder = try root.openParent(of: path, operation: "write")
        let isNew = try folder.identity(of: String(path.lastComponent)) == nil
        let file = try root.open(
            path,
            flags: O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
            operation: "write"
        )
        try file.requireRegularFile()
        var done = 0
        while true {
            try Task.checkCancellation()
            let chunk = try await chunks()
            if chunk.isEmpty { break }
            let (end, overflows) = (offset + done).addingReportingOverflow(chunk.count)
            guard !overflows else { throw CollectorError.refused(path.string, reason: "it is too long") }
            try Self.write(chunk, to: file, at: offset + done)
            done = end - offset
        }
        if truncating, ftruncate(file.number, offset + done) != 0 { throw file.failure("write") }
        try file.synchronizeContents()
        if isNew { try folder.synchronize() }
        return done
    }

    private static func write(
        _ bytes: [UInt8],
        to file: borrowing LocalDescriptor,
        at offset: Int
    ) throws(CollectorError) {
        var start = 0
        while start < bytes.count {
            let end = min(start + pieceLength, bytes.count)
            var failure: CollectorError?
            bytes.withUnsafeBytes { buffer in
                do throws(CollectorError) {
                    try file.write(UnsafeRawBufferPointer(rebasing: buffer[start..<end]), at: offset + start)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            start = end
        }
    }

    /// Puts a finished file in the place of another: fsync, rename, fsync of the folders.
    ///
    /// - Parameters:
    ///   - path: where it goes; a link there is replaced itself.
    ///   - partial: the finished file, on the same file system.
    /// - Throws: ``CollectorError``; the old file is then still there.
    @concurrent
    public func replace(_ path: RelativePath, with partial: RelativePath) async throws {
        let root = try LocalDescriptor.root(root)
        try root.openFile(partial).synchronize()
        try Self.rename(partial, to: path, flags: 0, below: root)
    }

    /// Gives a file a name that nothing has yet.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - target: the new name.
    /// - Throws: ``CollectorError``; ``CollectorError/exists(_:)`` where something has that name.
    @concurrent
    public func move(_ path: RelativePath, toNew target: RelativePath) async throws {
        let root = try LocalDescriptor.root(root)
        try Self.rename(path, to: target, flags: UInt32(VOX_RENAME_NOREPLACE), below: root)
    }

    private static func rename(
        _ path: RelativePath,
        to target: RelativePath,
        flags: UInt32,
        below root: borrowing LocalDescriptor
    ) throws(CollectorError) {
        let operation = "rename it to \(target)"
        let from = try root.openParent(of: path, operation: operation)
        let to = try root.openParent(of: target, operation: operation)
        let names = (String(path.lastComponent), String(target.lastComponent))
        guard renameat2(from.number, names.0, to.number, names.1, flags) == 0 else {
            switch errno {
            case EEXIST: throw .exists(target.below(root.path))
            case ENOENT: throw .vanished(path.below(root.path))
            case let code: throw .file(.system(operation: operation, path: path.below(root.path), code: code))
            }
        }
        try to.synchronize()
        if path.parent != target.parent { try from.synchronize() }
    }

    /// Sets the permissions and the time of the last change.
    ///
    /// - Parameters:
    ///   - path: a file or folder below the root.
    ///   - mode: permission bits.
    ///   - modifiedNanoseconds: since 1970.
    /// - Throws: ``CollectorError``.
    @concurrent
    public func setAttributes(
        of path: RelativePath,
        mode: UInt32?,
        modifiedNanoseconds: Int64?
    ) async throws {
        let root = try LocalDescriptor.root(root)
        let file = try root.open(
            path,
            flags: O_RDONLY | O_NONBLOCK | O_NOCTTY,
            operation: "set the attributes"
        )
        if try file.identity().kind != .directory { try file.requireRegularFile() }
        if let mode, fchmod(file.number, mode_t(mode & 0o7777)) != 0 {
            throw file.failure("set the permissions")
        }
        guard let modifiedNanoseconds else { return }
        let (seconds, rest) = modifiedNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        // The remainder has the sign of the dividend; the kernel wants 0 ..< 1e9.
        let time = timespec(
            tv_sec: Int(rest < 0 ? seconds - 1 : seconds),
            tv_nsec: Int(rest < 0 ? rest + 1_000_000_000 : rest)
        )
        guard futimens(file.number, [timespec(tv_sec: 0, tv_nsec: leaveTime), time]) == 0 else {
            throw file.failure("set the time")
        }
    }

    /// Removes a file, a link, or an empty folder.
    ///
    /// - Parameter path: below the root.
    /// - Throws: ``CollectorError``.
    @concurrent
    public func remove(_ path: RelativePath) async throws {
        let root = try LocalDescriptor.root(root)
        let folder: LocalDescriptor
        do throws(CollectorError) {
            folder = try root.openParent(of: path, operation: "remove")
        } catch {
            if case .file(let reason) = error, reason.code == ENOENT { return }
            throw error
        }
        let name = String(path.lastComponent)
        if unlinkat(folder.number, name, 0) == 0 || errno == ENOENT { return }
        var code = errno
        if code == EISDIR || code == EPERM {
            if unlinkat(folder.number, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return }
            if errno != ENOTDIR { code = errno }
        }
        throw LocalDescriptor.error(code: code, operation: "remove", path: path.below(root.path))
    }
}

import CLinux
import Files
import Glibc

/// `UTIME_OMIT` of <sys/stat.h>, a macro the importer cannot read: leave the time of reading as it is.
private let leaveTime = (1 << 30) - 2

/// The single owner of a descriptor below the root of a ``LocalTransport``: closed when its owner goes.
///
/// Whatever is opened lies below the root for sure, whoever renames folders or plants links meanwhile: the
/// kernel resolves the whole path at once (`openat2(2)`, `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`).
struct LocalDescriptor: ~Copyable, Sendable {
    let number: Int32
    /// For messages.
    let path: String

    private init(owning number: Int32, path: String) {
        self.number = number
        self.path = path
    }

    deinit { _ = close(number) }

    /// Opens the root itself; it alone may be a link.
    static func root(_ path: String) throws(CollectorError) -> LocalDescriptor {
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else {
            throw .file(.system(operation: "open the folder", path: path, code: errno))
        }
        return LocalDescriptor(owning: number, path: path)
    }

    /// Opens what stands at `path` below this folder.
    ///
    /// - Parameters:
    ///   - path: below this folder; nil for the folder itself.
    ///   - flags: as of open(2).
    ///   - mode: of a file that is created.
    ///   - operation: the verb a failure is reported with.
    /// - Returns: the owner of the new descriptor.
    /// - Throws: ``CollectorError``; ``CollectorError/refused(_:reason:)`` where a link is in the way.
    func open(
        _ path: RelativePath?,
        flags: Int32,
        mode: UInt32 = 0o600,
        operation: String
    ) throws(CollectorError) -> LocalDescriptor {
        let number = linux_open_below(self.number, path?.string ?? ".", flags, mode)
        let shown = path.map { $0.below(self.path) } ?? self.path
        guard number >= 0 else {
            throw LocalDescriptor.error(code: -number, operation: operation, path: shown)
        }
        return LocalDescriptor(owning: number, path: shown)
    }

    /// Opens a regular file to be read.
    func openFile(_ path: RelativePath) throws(CollectorError) -> LocalDescriptor {
        do throws(CollectorError) {
            let file = try open(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, operation: "read")
            try file.requireRegularFile()
            return file
        } catch {
            guard case .file(let reason) = error, reason.code == ENOENT || reason.code == ENOTDIR else {
                throw error
            }
            throw .vanished(path.below(self.path))
        }
    }

    /// Opens the folder that `path` lies in.
    func openParent(of path: RelativePath, operation: String) throws(CollectorError) -> LocalDescriptor {
        try open(path.parent, flags: O_RDONLY | O_DIRECTORY, operation: operation)
    }

    /// - Throws: ``CollectorError/refused(_:reason:)`` for anything but a regular file.
    func requireRegularFile() throws(CollectorError) {
        switch try identity().kind {
        case .file: return
        case .directory: throw .file(.system(operation: "read", path: path, code: EISDIR))
        case .symbolicLink, .other:
            throw .refused(path, reason: "it is a device, pipe or socket, not a file; only files are carried")
        }
    }

    /// What the descriptor stands for.
    func identity() throws(CollectorError) -> FileIdentity {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw failure("look at it") }
        return FileIdentity(status)
    }

    /// What `name` in this folder is, links themselves; nil where nothing is there.
    func identity(of name: String) throws(CollectorError) -> FileIdentity? {
        var status = stat()
        guard fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw .file(.system(operation: "look at it", path: path + "/" + name, code: errno))
        }
        return FileIdentity(status)
    }

    /// Reads until the buffer is full or the file ends.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(CollectorError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(number, rest.baseAddress, rest.count, offset + done)
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw failure("read")
            }
        }
        return done
    }

    /// Writes all of the bytes at an offset.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(CollectorError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(number, rest.baseAddress, rest.count, offset + done)
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw failure("write")
            }
        }
    }

    /// Sets the permissions and the time of the last change; nil leaves them.
    func setAttributes(mode: UInt32?, modifiedNanoseconds: Int64?) throws(CollectorError) {
        if let mode, fchmod(number, mode_t(mode & 0o7777)) != 0 { throw failure("set the permissions") }
        guard let modifiedNanoseconds else { return }
        let (seconds, rest) = modifiedNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        // The remainder has the sign of the dividend; the kernel wants 0 ..< 1e9.
        let time = timespec(
            tv_sec: Int(rest < 0 ? seconds - 1 : seconds),
            tv_nsec: Int(rest < 0 ? rest + 1_000_000_000 : rest)
        )
        guard futimens(number, [timespec(tv_sec: 0, tv_nsec: leaveTime), time]) == 0 else {
            throw failure("set the time")
        }
    }

    /// One `copy_file_range(2)`: how many bytes it copied, or -1 with `errno`.
    func kernelCopy(
        _ other: borrowing LocalDescriptor,
        _ input: inout off_t,
        _ output: inout off_t,
        _ count: Int
    ) -> Int {
        copy_file_range(other.number, &input, number, &output, min(count, 1 << 30), 0)
    }

    /// Whether two files of its file system can share blocks: on Btrfs, XFS and bcachefs.
    func sharesBlocks() -> Bool {
        [0x9123_683E, 0x5846_5342, 0xCA45_1A4E].contains(linux_file_system_type(number))
    }

    /// Begins to bring bytes to the device, without waiting and without a promise; see ``synchronizeContents()``.
    func startWriting(_ range: Range<Int>) {
        // Where the system cannot do it, the flush at the end takes longer, that is all.
        _ = sync_file_range(number, range.lowerBound, range.count, UInt32(VOX_SYNC_FILE_RANGE_WRITE))
    }

    /// Waits until the contents, and the length with them, are on the device.
    func synchronizeContents() throws(CollectorError) {
        // A failed flush is final: the kernel may have dropped the pages, and a second call would lie.
        guard fdatasync(number) == 0 else { throw failure("save") }
    }

    /// Waits until everything about the file, or the names in the folder, are on the device.
    func synchronize() throws(CollectorError) {
        guard fsync(number) == 0 else { throw failure("save") }
    }

    /// The failure that `errno` tells.
    func failure(_ operation: String) -> CollectorError {
        Self.error(code: errno, operation: operation, path: path)
    }

    static func error(code: Int32, operation: String, path: String) -> CollectorError {
        code == ELOOP
            ? .refused(path, reason: "a symbolic link is in the way; links are not followed")
            : .file(.system(operation: operation, path: path, code: code))
    }
}

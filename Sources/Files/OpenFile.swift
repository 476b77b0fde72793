import CLinux
import Glibc

/// The single owner of one file descriptor: it is closed when its owner goes.
///
/// All reads and writes repeat after a signal and after short transfers.
public struct OpenFile: ~Copyable, Sendable {
    /// The descriptor, valid as long as this value lives.
    public let descriptor: Int32
    /// Where it was opened, for messages.
    public let path: String

    /// Opens `path`, never passing the descriptor on to a child process.
    ///
    /// - Parameters:
    ///   - path: any path.
    ///   - flags: as of `open(2)`.
    ///   - mode: permissions of a file that is created, before the umask.
    ///   - operation: the verb a failure is reported with.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public init(
        _ path: String,
        flags: Int32,
        mode: UInt32 = 0o644,
        operation: String = "open"
    ) throws(FilesError) {
        var descriptor: Int32
        repeat {
            descriptor = unsafe open(path, flags | O_CLOEXEC, mode_t(mode))
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw .system(operation: operation, path: path, code: errno) }
        self.descriptor = descriptor
        self.path = path
    }

    /// Takes over a descriptor that some other call opened.
    init(owning descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Opens `path` to be read from its start.
    ///
    /// A pipe or device is refused rather than waited for.
    ///
    /// - Parameter path: any path; symbolic links are followed.
    /// - Returns: the owner of the descriptor.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public static func reading(_ path: String) throws(FilesError) -> OpenFile {
        let file = try OpenFile(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
        switch try file.identity().kind {
        case .file: return file
        case .directory: throw .system(operation: "read", path: path, code: EISDIR)
        case .symbolicLink, .other: throw .system(operation: "read", path: path, code: ENXIO)
        }
    }

    /// Opens a regular file below `root` to be read, following no symbolic link on the way.
    ///
    /// The kernel checks each step as it goes, so a link that appears meanwhile leads nowhere.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - root: an existing folder, or a link to one.
    /// - Returns: the owner of the descriptor.
    /// - Throws: ``FilesError/system(operation:path:code:)``, with `ELOOP` for a link.
    public static func reading(_ path: RelativePath, below root: String) throws(FilesError) -> OpenFile {
        let folder = try OpenFile(root, flags: O_RDONLY | O_DIRECTORY)
        let full = path.below(root)
        let descriptor = unsafe linux_open_below(
            folder.descriptor,
            path.string,
            O_RDONLY | O_NONBLOCK | O_NOCTTY,
            0
        )
        guard descriptor >= 0 else { throw .system(operation: "read", path: full, code: -descriptor) }
        let file = OpenFile(owning: descriptor, path: full)
        guard try file.identity().kind == .file else {
            throw .system(operation: "read", path: full, code: ENXIO)
        }
        return file
    }

    deinit { _ = close(descriptor) }

    /// What the open file is right now.
    ///
    /// - Returns: its identity.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public func identity() throws(FilesError) -> FileIdentity {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(operation: "look at it", path: path, code: errno)
        }
        return FileIdentity(status)
    }

    /// Reads from `offset` until `buffer` is full or the file ends.
    ///
    /// - Parameters:
    ///   - buffer: where the bytes go.
    ///   - offset: in bytes from the file's start.
    /// - Returns: how many bytes came.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FilesError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = unsafe pread(descriptor, rest.baseAddress, rest.count, offset + done)
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw .system(operation: "read", path: path, code: errno)
            }
        }
        return done
    }

    /// Reads the whole file, also one that grows or shrinks meanwhile: what was there when the end came.
    ///
    /// - Parameter limit: a longer file is refused with `EFBIG`, so memory stays bounded.
    /// - Returns: the bytes.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public func readAll(limit: Int = .max) throws(FilesError) -> [UInt8] {
        let size = try identity().size
        guard size <= limit else { throw .system(operation: "read", path: path, code: EFBIG) }
        var failure: FilesError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            do throws(FilesError) {
                count = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
            } catch {
                failure = error
                count = 0
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all of `bytes` at the file's position.
    ///
    /// - Parameter bytes: any memory.
    /// - Throws: ``FilesError/system(operation:path:code:)``; part of the bytes may have been written.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FilesError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw .system(operation: "write", path: path, code: errno)
            }
        }
    }

    /// Writes all of `bytes` at the file's position.
    ///
    /// - Parameter bytes: any array.
    /// - Throws: ``FilesError/system(operation:path:code:)``; part of the bytes may have been written.
    public func write(_ bytes: [UInt8]) throws(FilesError) {
        var failure: FilesError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(FilesError) { try unsafe write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Waits until the file's bytes are on the device.
    ///
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public func synchronize() throws(FilesError) {
        while fsync(descriptor) != 0 {
            guard errno == EINTR else { throw .system(operation: "save", path: path, code: errno) }
        }
    }
}

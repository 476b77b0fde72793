import Glibc

/// An open log, read at explicit offsets so that several readers can share it.
///
/// Reads copy instead of mapping: a mapped file that shrinks kills its reader, and logs are rewritten.
final class LogFile: Sendable {
    let descriptor: Int32
    let path: String
    let identity: LogIdentity

    init(path: String) throws(RunRecordsError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .read(path: path, reason: Self.reason(errno)) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .read(path: path, reason: Self.reason(code))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .read(path: path, reason: "it is not a file")
        }
        self.descriptor = descriptor
        self.path = path
        identity = LogIdentity(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int(status.st_size),
            modified: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        )
    }

    deinit { close(descriptor) }

    /// Fills `buffer` from `offset`; fewer bytes only at the file's end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(RunRecordsError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let result = pread(
                descriptor,
                buffer.baseAddress?.advanced(by: filled),
                buffer.count - filled,
                off_t(offset + filled)
            )
            if result == 0 { break }
            if result < 0 {
                if errno == EINTR { continue }
                throw .read(path: path, reason: Self.reason(errno))
            }
            filled += result
        }
        return filled
    }

    /// The offset behind the last newline before `end`, not before `start`: what is complete so far.
    func endOfCompleteLines(from start: Int, to end: Int) throws(RunRecordsError) -> Int {
        let blockSize = 1 << 16
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 16)
        defer { block.deallocate() }
        var upper = end
        while upper > start {
            let lower = max(start, upper - blockSize)
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: block[..<(upper - lower)]), at: lower)
            if let newline = block[..<count].lastIndex(of: 0x0A) { return lower + newline + 1 }
            upper = lower
        }
        return start
    }

    static func reason(_ code: Int32) -> String {
        code == EACCES || code == EPERM ? "permission denied; make it readable for this user"
            : String(cString: strerror(code))
    }
}

/// Which file a log is, and how long it was when looked at.
package struct LogIdentity: Sendable, Equatable {
    package let device: UInt64
    package let inode: UInt64
    package let size: Int
    /// Seconds since 1970.
    package let modified: Double
}

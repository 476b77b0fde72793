import Glibc

/// A file that only ever grows by whole lines, each by one `write(2)`.
///
/// The kernel appends a single write on an `O_APPEND` descriptor as a whole, so lines of several processes
/// (a trainer and a backup beside it) never interleave. What can go wrong is a full disk: then the kernel may
/// take a part of the line. That part stays, as a torn tail that readers wait on, and the next line starts
/// with a newline to close it. Not safe to share between threads; `RunLogWriter` guards it.
struct AppendOnlyFile: ~Copyable {
    let path: String
    private var descriptor: Int32
    /// The file's length when its last byte was last known to be a newline.
    private var lengthOfWholeLines: off_t = 0

    /// Opens `path` for appending, creating it if it is missing.
    init(path: String) throws(RunRecordsError) {
        self.path = path
        descriptor = try Self.open(path)
    }

    deinit { _ = close(descriptor) }

    /// Appends one line with one `write(2)`.
    ///
    /// - Parameters:
    ///   - line: The line with its newline. Receives one in front where it has to close a torn line.
    ///   - sync: Whether to wait until the line is on the disk.
    /// - Throws: `RunRecordsError.write` when not all of it could be written.
    mutating func append(_ line: inout [UInt8], sync: Bool) throws(RunRecordsError) {
        let length = try currentLength()
        if length != lengthOfWholeLines, length > 0, try lastByte(before: length) != UInt8(ascii: "\n") {
            line.insert(UInt8(ascii: "\n"), at: 0)
        }
        // A call that was interrupted before it wrote anything is not a write yet.
        var written: Int
        repeat {
            written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        } while written < 0 && errno == EINTR
        guard written == line.count else {
            throw .write(path: path, reason: Self.reason(code: errno, written: written, of: line.count))
        }
        // True unless another process appended in between, and then the next length says so.
        lengthOfWholeLines = length + off_t(written)
        if sync, fdatasync(descriptor) != 0 {
            throw .write(path: path, reason: "flushing it to the disk failed: \(Self.text(of: errno))")
        }
    }

    /// The file's length now; opens it anew if somebody deleted it, or else its lines would go nowhere.
    private mutating func currentLength() throws(RunRecordsError) -> off_t {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .write(path: path, reason: Self.text(of: errno))
        }
        guard status.st_nlink == 0 else { return status.st_size }
        let reopened = try Self.open(path)
        _ = close(descriptor)
        descriptor = reopened
        lengthOfWholeLines = 0
        guard fstat(descriptor, &status) == 0 else {
            throw .write(path: path, reason: Self.text(of: errno))
        }
        return status.st_size
    }

    private func lastByte(before length: off_t) throws(RunRecordsError) -> UInt8 {
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, length - 1) == 1 else {
            throw .write(path: path, reason: "its last byte cannot be read: \(Self.text(of: errno))")
        }
        return byte
    }

    private static func open(_ path: String) throws(RunRecordsError) -> Int32 {
        // Readable too, to see whether the last line is whole.
        let descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .write(path: path, reason: text(of: errno)) }
        return descriptor
    }

    private static func reason(code: Int32, written: Int, of count: Int) -> String {
        written < 0
            ? "\(text(of: code)); the line was not written"
            : "only \(written) of \(count) bytes of a line fitted: the disk or quota is full. "
                + "Free some space; the next line closes the torn one"
    }

    private static func text(of code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

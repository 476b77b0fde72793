public import Files
import Glibc

/// A folder of this machine as a transport.
///
/// Below the root no symbolic link is followed, and nothing but regular files is opened. The root itself may be
/// a link; it is looked up anew for every operation. Blocking calls run off the caller's actor, in pieces of at
/// most one mebibyte with a look at cancellation between them.
public struct LocalTransport: WritableTransport {
    /// The folder, as it was given.
    public let root: String

    /// The most that is read or hashed at once.
    static let pieceLength = 1 << 20

    private let pacer: RatePacer?

    /// - Parameters:
    ///   - root: a folder; it must exist when the first operation comes.
    ///   - bytesPerSecond: how fast files are read on average, over all tasks; nil for as fast as it goes.
    public init(root: String, bytesPerSecond: Int? = nil) {
        self.root = root
        pacer = bytesPerSecond.flatMap { $0 > 0 ? RatePacer(bytesPerSecond: $0) : nil }
    }

    /// The folder.
    public var displayName: String { root }

    /// Everything.
    public var capabilities: TransportCapabilities {
        [.list, .inode, .fineTimes, .hash, .write, .batchStatus, .local]
    }

    /// Looks at files.
    ///
    /// - Parameter paths: below the root.
    /// - Returns: one answer for each; nil where nothing is there, or where only a link leads.
    /// - Throws: ``CollectorError`` where the root or a folder cannot be read.
    @concurrent
    public func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        let root = try LocalDescriptor.root(root)
        var answers: [FileStatus?] = []
        answers.reserveCapacity(paths.count)
        for path in paths {
            if answers.count % 256 == 255 { try Task.checkCancellation() }
            answers.append(try Self.status(of: path, below: root))
        }
        return answers
    }

    private static func status(
        of path: RelativePath,
        below root: borrowing LocalDescriptor
    ) throws(CollectorError) -> FileStatus? {
        do throws(CollectorError) {
            let folder = try root.openParent(of: path, operation: "look at it")
            return try folder.identity(of: String(path.lastComponent)).map { FileStatus($0) }
        } catch {
            switch error {
            case .refused: return nil
            case .file(let reason) where reason.code == ENOENT || reason.code == ENOTDIR: return nil
            default: throw error
            }
        }
    }

    /// Reads part of a file with `pread(2)`.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - offset: of the first byte wanted.
    ///   - count: how many bytes at most.
    ///   - sink: gets the bytes in order.
    /// - Returns: how many bytes came.
    /// - Throws: ``CollectorError``, what `sink` throws, and `CancellationError`.
    @concurrent
    @discardableResult
    public func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        guard offset >= 0 else { throw CollectorError.refused(path.string, reason: "a negative offset") }
        let file = try LocalDescriptor.root(root).openFile(path)
        guard count > 0, offset <= Int.max - count else { return 0 }
        let pieceLength = min(count, pacer?.pieceLength ?? Self.pieceLength)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceLength, alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        while done < count {
            try Task.checkCancellation()
            let wanted = min(pieceLength, count - done)
            if let pacer { try await pacer.pace(wanted) }
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let length = try file.read(into: part, at: offset + done)
            if length > 0 { try sink(UnsafeRawBufferPointer(rebasing: part[..<length])) }
            done += length
            if length < wanted { break }
        }
        return done
    }

    /// Hashes the first bytes of a file.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - prefix: how many bytes; nil for the whole file.
    /// - Returns: the SHA-256.
    /// - Throws: ``CollectorError`` and `CancellationError`.
    @concurrent
    public func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        let file = try LocalDescriptor.root(root).openFile(path)
        var hasher = SHA256Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceLength, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            try Task.checkCancellation()
            let wanted = min(buffer.count, max(0, (prefix ?? .max) - offset))
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let length = wanted > 0 ? try file.read(into: part, at: offset) : 0
            hasher.update(UnsafeRawBufferPointer(rebasing: part[..<length]))
            offset += length
            if length < wanted || wanted == 0 { break }
        }
        return hasher.finish()
    }

    /// Computes the checksum of the first bytes of a file.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - prefix: how many bytes.
    /// - Returns: the checksum, which can be continued; of fewer bytes where the file is shorter.
    /// - Throws: ``CollectorError`` and `CancellationError`.
    @concurrent
    func checksum(of path: RelativePath, prefix: Int) async throws -> PosixChecksum {
        let file = try LocalDescriptor.root(root).openFile(path)
        var checksum = PosixChecksum()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while checksum.byteCount < prefix {
            try Task.checkCancellation()
            let wanted = min(buffer.count, prefix - checksum.byteCount)
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let length = try file.read(into: part, at: checksum.byteCount)
            checksum.update(UnsafeRawBufferPointer(rebasing: part[..<length]))
            if length < wanted { break }
        }
        return checksum
    }

    /// The time of this machine.
    ///
    /// - Returns: nanoseconds since 1970.
    public func currentTime() async -> Int64? {
        Int64(exactly: (WallTime.now() * 1e9).rounded(.down))
    }

    /// Nothing to end.
    public func close() async {}
}

import Files
import Glibc
import Synchronization

/// Writes one local file front to back while bytes arrive, hashing them on the way.
///
/// A ``ByteSink`` cannot wait, so a remote transport's own thread writes: a slow disk then slows the network
/// down instead of filling memory.
final class LocalFileWriter: Sendable {
    private struct State: ~Copyable {
        let file: LocalDescriptor
        var hasher: SHA256Hasher?
        var offset: Int
        /// Up to where the bytes are on their way to the device.
        var started: Int
    }

    private let state: Mutex<State>
    private let limit: Int
    /// How much is brought to the device at a time while more comes, so that the end has not to wait for all.
    private static let portion = 8 << 20

    /// - Parameters:
    ///   - file: open for writing.
    ///   - offset: where the first byte goes.
    ///   - limit: the file never becomes longer.
    ///   - hasher: has seen what lies before the offset; nil for no hash.
    init(_ file: consuming LocalDescriptor, at offset: Int, limit: Int, hasher: consuming SHA256Hasher?) {
        state = Mutex(State(file: file, hasher: hasher, offset: offset, started: offset))
        self.limit = limit
    }

    /// How long the file is so far.
    var offset: Int { state.withLock { $0.offset } }

    /// Writes the next bytes.
    ///
    /// - Throws: ``CollectorError``.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            guard bytes.count <= limit - state.offset else {
                throw CollectorError.protocolViolation(
                    state.file.path,
                    reason: "more bytes came than were asked for"
                )
            }
            try state.file.write(bytes, at: state.offset)
            state.hasher?.update(bytes)
            state.offset += bytes.count
            if state.offset - state.started >= Self.portion {
                state.file.startWriting(state.started..<state.offset)
                state.started = state.offset
            }
        }
    }

    /// Waits until the bytes are on the device.
    ///
    /// - Returns: the hash of the whole file; nil where none was wanted, and at every call but the first.
    /// - Throws: ``CollectorError``.
    func finish() throws -> SHA256Value? {
        try state.withLock { state in
            try state.file.synchronizeContents()
            return state.hasher.take()?.finish()
        }
    }
}

extension LocalTransport {
    /// Opens a file to be written from an offset on; what lies behind it is cut off.
    ///
    /// - Parameters:
    ///   - path: below the root; its folder exists.
    ///   - offset: where the first byte goes: at most the file's length.
    ///   - limit: the file never becomes longer.
    /// - Returns: a writer that has hashed what lies before the offset.
    /// - Throws: ``CollectorError`` and `CancellationError`.
    @concurrent
    func writer(_ path: RelativePath, at offset: Int, limit: Int) async throws -> LocalFileWriter {
        let root = try LocalDescriptor.root(root)
        let file = try root.open(
            path,
            flags: O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
            operation: "write"
        )
        try file.requireRegularFile()
        guard ftruncate(file.number, offset) == 0 else { throw file.failure("write") }
        var hasher = SHA256Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceLength, alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        while done < offset {
            try Task.checkCancellation()
            let wanted = min(buffer.count, offset - done)
            let length = try file.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]),
                at: done
            )
            guard length == wanted else { throw CollectorError.changed(file.path) }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            done += length
        }
        return LocalFileWriter(file, at: offset, limit: limit, hasher: hasher)
    }
}

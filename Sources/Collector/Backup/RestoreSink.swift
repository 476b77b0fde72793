import Files
import Glibc
import Synchronization

/// A new file that bytes are written to and hashed on the way.
final class RestoreSink: Sendable {
    private struct State: ~Copyable {
        let file: OpenFile
        var hasher: SHA256Hasher?
    }

    private let state: Mutex<State>

    /// - Parameter path: nothing must be there.
    /// - Throws: `FilesError`.
    init(_ path: String) throws(FilesError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        state = Mutex(
            State(file: try OpenFile(path, flags: flags, operation: "write"), hasher: SHA256Hasher())
        )
    }

    /// Writes the next bytes.
    ///
    /// - Throws: ``CollectorError/file(_:)``.
    func append(_ bytes: UnsafeRawBufferPointer) throws(CollectorError) {
        try state.withLock { state throws(CollectorError) in
            do throws(FilesError) { try state.file.write(bytes) } catch { throw .file(error) }
            state.hasher?.update(bytes)
        }
    }

    /// Sets the time and waits until everything is on the device; called once.
    ///
    /// - Returns: the hash of what was written.
    /// - Throws: ``CollectorError/file(_:)``.
    func finish(modifiedNanoseconds: Int64?) throws(CollectorError) -> SHA256Value? {
        try state.withLock { state throws(CollectorError) in
            do throws(FilesError) {
                if let modifiedNanoseconds { try state.file.setModified(nanoseconds: modifiedNanoseconds) }
                try state.file.synchronize()
            } catch { throw .file(error) }
            return state.hasher.take()?.finish()
        }
    }
}

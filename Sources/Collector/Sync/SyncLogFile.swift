import Files
import Glibc

/// The file of `--log-file`: a line for everything that happened, as rsync writes it.
struct SyncLogFile: Sendable {
    private let file: SharedFile

    /// The descriptor is closed when the last copy of the log goes.
    private final class SharedFile: Sendable {
        let file: OpenFile
        init(_ file: consuming OpenFile) { self.file = file }
    }

    /// - Parameter path: created with mode 0644, continued where it exists.
    /// - Throws: ``CollectorError/file(_:)``.
    init(_ path: String) throws(CollectorError) {
        do throws(FilesError) {
            file = SharedFile(
                try OpenFile(
                    path,
                    flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW,
                    operation: "write the log"
                )
            )
        } catch {
            throw .file(error)
        }
    }

    /// Writes one line at once, so that lines of several tasks do not mix; a full disk does not stop the sync.
    func append(_ text: String, now: Int) {
        let line = "\(OutFormat.time(Int64(now), separator: " ")) [\(getpid())] \(text)"
        let bytes = line.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 } + [0x0A]
        try? file.file.write(bytes)
    }
}

import Files
import Glibc

/// Appends lines to a manifest, each by one `write(2)`, and waits until it is on the device.
struct ManifestWriter: ~Copyable, Sendable {
    private let file: OpenFile
    private let path: String

    /// Opens the manifest of a job, creating it durably where it is missing.
    ///
    /// - Parameter folder: of the job.
    /// - Throws: ``CollectorError/file(_:)``.
    init(folder: String) throws(CollectorError) {
        path = "\(folder)/\(CheckpointName.manifestName)"
        do throws(FilesError) { file = try Self.open(path, in: folder) } catch { throw .file(error) }
    }

    private static func open(_ path: String, in folder: String) throws(FilesError) -> OpenFile {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW
        let file = try OpenFile(path, flags: flags, operation: "write")
        try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY).synchronize()
        return file
    }

    /// Appends one line; closes a torn one before it.
    ///
    /// - Parameter line: what happened.
    /// - Throws: ``CollectorError/file(_:)``; the line is then torn or not there at all.
    func append(_ line: ManifestLine) throws(CollectorError) {
        do throws(FilesError) {
            var bytes = line.bytes
            let size = try file.identity().size
            if size > 0, try lastByte(size) != UInt8(ascii: "\n") {
                bytes.insert(UInt8(ascii: "\n"), at: 0)
            }
            var written: Int
            repeat {
                written = bytes.withUnsafeBytes { write(file.descriptor, $0.baseAddress, $0.count) }
            } while written < 0 && errno == EINTR
            guard written == bytes.count else {
                throw FilesError.system(
                    operation: "write",
                    path: path,
                    // Only a full disk or quota takes a part.
                    code: written < 0 ? errno : ENOSPC
                )
            }
            while fdatasync(file.descriptor) != 0 {
                guard errno == EINTR else {
                    throw FilesError.system(operation: "save", path: path, code: errno)
                }
            }
        } catch { throw .file(error) }
    }

    private func lastByte(_ size: Int) throws(FilesError) -> UInt8 {
        var byte: UInt8 = 0
        let count = pread(file.descriptor, &byte, 1, size - 1)
        guard count == 1 else {
            throw .system(operation: "read", path: path, code: count < 0 ? errno : EIO)
        }
        return byte
    }
}

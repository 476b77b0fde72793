import CLinux
import Files
import Glibc

/// Files with keys, passphrases and passwords: read only where nobody else can read them.
enum SecretFile {
    /// No key and no password is longer.
    private static let limit = 64 << 10

    /// Checks that a private key is nobody else's to read, which libcurl does not.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - purpose: what it is, for messages: `the private key`.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)``.
    static func check(_ path: String, purpose: String) throws(CollectorError) {
        _ = try bytes(of: path, purpose, limit: nil)
    }

    /// Reads a passphrase or password: the whole file without one line break at its end.
    ///
    /// Nothing else is trimmed: four spaces are a bad password, but a legal one.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - purpose: what it is, for messages: `the passphrase`.
    /// - Returns: the secret.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)``, never with the secret in it.
    static func read(_ path: String, purpose: String) throws(CollectorError) -> String {
        var bytes = try bytes(of: path, purpose, limit: limit)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw refusal(path, "\(purpose) is empty") }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw refusal(path, "\(purpose) contains a NUL or is not UTF-8")
        }
        return text
    }

    /// The bytes of a file that nobody else can read; none where they are not asked for.
    private static func bytes(
        of path: String,
        _ purpose: String,
        limit: Int?
    ) throws(CollectorError) -> [UInt8] {
        do {
            let file = try OpenFile.reading(path)
            try check(file, purpose)
            return try limit.map { try file.readAll(limit: $0) } ?? []
        } catch let error as FilesError {
            throw refusal(path, "\(purpose) cannot be read: \(error.explanation)")
        } catch let error as CollectorError {
            throw error
        } catch {
            throw refusal(path, "\(purpose) cannot be read")
        }
    }

    private static func check(_ file: borrowing OpenFile, _ purpose: String) throws {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else {
            throw FilesError.system(operation: "look at it", path: file.path, code: errno)
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw refusal(file.path, "\(purpose) belongs to another user; make it yours with chown")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = "0" + String(status.st_mode & 0o7777, radix: 8)
            throw refusal(
                file.path,
                "\(purpose) can be read by others (mode \(mode)); run: chmod 600 \(file.path)"
            )
        }
    }

    private static func refusal(_ path: String, _ reason: String) -> CollectorError {
        .configuration(file: path, line: nil, reason: reason)
    }
}

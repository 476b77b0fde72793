import Files
import Glibc

/// A known_hosts file with one line, in a folder that only we can enter; both are removed with their owner.
///
/// libcurl gets a file of its own for each endpoint: it takes the first line that fits and lets that decide which
/// kind of key is asked for, it ignores all lines behind a malformed one, and it does not know `@revoked`.
final class KnownHostsFile: Sendable {
    /// Of the file.
    let path: String

    private let folder: String

    /// Writes the file.
    ///
    /// - Parameter endpoint: has at least one pinned key; the first of the best algorithm is written.
    /// - Throws: ``CollectorError/hostUnknown(_:)`` without a pinned key; ``CollectorError/file(_:)``.
    init(for endpoint: SSHEndpoint) throws(CollectorError) {
        let line = try Self.line(for: endpoint)
        do {
            folder = try Self.makeFolder()
            path = folder + "/known_hosts"
            let file = try OpenFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600, operation: "write")
            try file.write(Array(line.utf8))
        } catch {
            throw .file(error)
        }
    }

    deinit { remove() }

    /// Removes the file and its folder.
    func remove() { try? FileSystem.removeTree(folder) }

    /// `[host]:port ssh-ed25519 AAAA…`, and without brackets for port 22, as libssh2 looks for it.
    static func line(for endpoint: SSHEndpoint) throws(CollectorError) -> String {
        let ranked = HostKey.algorithms.lazy.compactMap { algorithm in
            endpoint.pinnedKeys.first { $0.algorithm == algorithm }
        }
        guard let key = ranked.first else { throw .hostUnknown(endpoint.name) }
        // The zone of a link-local address is no part of the name that libcurl looks for.
        let host = endpoint.address.prefix { $0 != "%" }
        return (endpoint.port == 22 ? "\(host)" : "[\(host)]:\(endpoint.port)") + " \(key)\n"
    }

    private static func makeFolder() throws(FilesError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/voxsite-ssh-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .system(operation: "create a folder", path: parent, code: errno)
        }
        let bytes = template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import Files
import Glibc

/// Makes one process the owner of a destination's journal, until it ends in whatever way.
///
/// Source: flock(2). The lock belongs to a file of its own, since the journal is replaced when it is compacted.
struct RootLock: ~Copyable, Sendable {
    private let file: OpenFile

    /// - Parameters:
    ///   - path: the lock's file; created where it is missing.
    ///   - root: the destination, for the message.
    /// - Throws: ``CollectorError/exists(_:)`` with the other owner's number.
    init(_ path: String, root: String) throws(CollectorError) {
        do throws(FilesError) {
            let file = try OpenFile(
                path,
                flags: O_RDWR | O_CREAT | O_NOFOLLOW,
                mode: 0o600,
                operation: "lock"
            )
            guard file.tryLock() else {
                throw FilesError.system(operation: "lock", path: path, code: EWOULDBLOCK)
            }
            // Padded, so that it covers whatever a former owner wrote, without a moment of being empty.
            let number = String(getpid())
            try file.write(
                Array((number + String(repeating: " ", count: max(0, 19 - number.utf8.count)) + "\n").utf8)
            )
            self.file = file
        } catch {
            guard error.code == EWOULDBLOCK else { throw .file(error) }
            throw .selection(root, reason: Self.explanation(owner: Self.owner(in: path)))
        }
    }

    deinit { file.unlock() }

    private static func owner(in path: String) -> Int32? {
        guard let file = try? OpenFile.reading(path), let bytes = try? file.readAll(limit: 64) else {
            return nil
        }
        return Int32(String(decoding: bytes.prefix { $0 != 0x20 && $0 != 0x0A }, as: UTF8.self))
    }

    private static func explanation(owner: Int32?) -> String {
        let who =
            switch owner {
            case getpid(): "this process"
            case let owner?: "process \(owner)"
            case nil: "another process"
            }
        return "\(who) collects into this folder already; stop it first, or choose another destination"
    }
}

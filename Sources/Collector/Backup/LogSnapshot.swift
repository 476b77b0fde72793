import Files
import Synchronization

/// A copy of a log as it was at one moment, while its writer may go on.
///
/// As many bytes are taken as there were at the first look. They are hashed at the source where that is possible,
/// or else read a second time: a log that was rewritten meanwhile shows.
struct LogSnapshot: Sendable {
    let path: RelativePath
    let source: any Transport
    let store: LocalTransport

    /// Longer logs belong to `voxsite sync`, which carries only what is new.
    static let maximumByteCount = 1 << 30

    /// - Throws: ``CollectorError``; ``CollectorError/changed(_:)`` where it was rewritten meanwhile.
    func take() async throws -> FetchedFile {
        guard let status = try await source.status(of: path) else {
            throw CollectorError.vanished(path.string)
        }
        guard status.kind == .file else {
            throw CollectorError.refused(path.string, reason: "it is not a regular file")
        }
        guard status.size <= Self.maximumByteCount else {
            throw CollectorError.refused(
                path.string,
                reason:
                    "a log of \(status.size) bytes is not copied as a whole; carry it by voxsite sync --follow"
            )
        }
        let partial = try partialPath()
        if let parent = partial.parent { try await store.createFolder(parent) }
        let writer = try await store.writer(partial, at: 0, limit: status.size)
        let count = try await source.read(path, from: 0, count: status.size) { try writer.append($0) }
        guard count == status.size, let hash = try writer.finish() else {
            throw CollectorError.changed(path.string)
        }
        let level = try await verify(hash, count: count)
        return FetchedFile(
            partial: partial,
            status: status,
            sha256: hash,
            verification: level,
            carriedByteCount: count
        )
    }

    private func verify(_ hash: SHA256Value, count: Int) async throws -> BackupVerification {
        if source.capabilities.contains(.hash) {
            guard try await source.sha256(of: path, prefix: count) == hash else {
                throw CollectorError.changed(path.string)
            }
            return .sha256
        }
        let second = SharedHasher()
        let length = try await source.read(path, from: 0, count: count) { second.update($0) }
        guard length == count, second.finish() == hash else { throw CollectorError.changed(path.string) }
        return .readTwice
    }

    private func partialPath() throws -> RelativePath {
        do throws(FilesError) {
            let folder = try path.sibling(WholeFileOptions.defaultPartialFolder)
            return try folder.appending("\(path.lastComponent).snapshot")
        } catch { throw CollectorError.refused(path.string, reason: error.explanation) }
    }
}

/// A hasher that a ``ByteSink`` feeds.
private final class SharedHasher: Sendable {
    private let hasher = Mutex<SHA256Hasher?>(SHA256Hasher())

    func update(_ bytes: UnsafeRawBufferPointer) { hasher.withLock { $0?.update(bytes) } }

    /// Nil at every call but the first.
    func finish() -> SHA256Value? { hasher.withLock { $0.take()?.finish() } }
}

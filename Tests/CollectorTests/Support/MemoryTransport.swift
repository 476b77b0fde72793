import Collector
import Files
import Glibc
import Synchronization

/// A tree of files in memory, as a source that a test writes and as a destination, with faults on demand.
///
/// The test's own writes go through ``change(_:)``; they move the clock that gives files their times.
final class MemoryTransport: WritableTransport {
    struct File: Sendable, Hashable {
        var bytes: [UInt8] = []
        var inode: UInt64
        var modifiedNanoseconds: Int64
        var mode: UInt32 = 0o600
    }

    /// What a fault can strike.
    enum Operation: Sendable, Hashable, CaseIterable {
        case list, status, read, hash, checksum, createFolder, write, replace, move, setAttributes, remove
    }

    struct State: Sendable {
        var files: [RelativePath: File] = [:]
        var folders: Set<RelativePath> = []
        var nextInode: UInt64 = 100
        var clock: Int64 = 1_700_000_000_000_000_000
        /// How long everything together may be; more is `ENOSPC`.
        var capacity = Int.max
        var counts: [Operation: Int] = [:]

        /// The time of the next change.
        mutating func tick(nanoseconds: Int64 = 1_000_000) -> Int64 {
            clock += nanoseconds
            return clock
        }

        mutating func newInode() -> UInt64 {
            nextInode += 1
            return nextInode
        }

        /// Makes or changes a file as a writer does.
        mutating func edit(_ path: RelativePath, _ change: (inout [UInt8]) -> Void) {
            var file = files[path] ?? File(inode: newInode(), modifiedNanoseconds: 0)
            change(&file.bytes)
            file.modifiedNanoseconds = tick()
            files[path] = file
            var folder = path.parent
            while let existing = folder {
                folders.insert(existing)
                folder = existing.parent
            }
        }
    }

    let displayName: String
    let capabilities: TransportCapabilities
    private let state = Mutex(State())
    private let fault = Mutex<@Sendable (Operation, RelativePath?) throws -> Void>({ _, _ in })
    private let writeLimit = Mutex<(limit: Int, error: any Error)?>(nil)

    init(
        displayName: String = "memory",
        capabilities: TransportCapabilities = [.list, .inode, .fineTimes, .hash, .write, .batchStatus]
    ) {
        self.displayName = displayName
        self.capabilities = capabilities
    }

    // MARK: The test's side

    @discardableResult
    func change<Result>(_ body: (inout sending State) -> sending Result) -> sending Result {
        state.withLock { body(&$0) }
    }

    var files: [RelativePath: File] { state.withLock { $0.files } }

    func bytes(_ path: RelativePath) -> [UInt8]? { state.withLock { $0.files[path]?.bytes } }

    func count(of operation: Operation) -> Int { state.withLock { $0.counts[operation] ?? 0 } }

    /// Called before each operation; it may throw, and it may change files.
    func setFault(_ body: @escaping @Sendable (Operation, RelativePath?) throws -> Void) {
        fault.withLock { $0 = body }
    }

    /// Makes the next write fail after so many bytes; nil takes that back.
    func failNextWrite(after count: Int?, with error: any Error) {
        writeLimit.withLock { $0 = count.map { ($0, error) } }
    }

    private func begin(_ operation: Operation, _ path: RelativePath?) throws {
        try fault.withLock { $0 }(operation, path)
        state.withLock { $0.counts[operation, default: 0] += 1 }
    }

    // MARK: Transport

    private func status(_ file: File) -> FileStatus {
        let second: Int64 = 1_000_000_000
        let isFine = capabilities.contains(.fineTimes)
        return FileStatus(
            size: file.bytes.count,
            modifiedNanoseconds: isFine
                ? file.modifiedNanoseconds : file.modifiedNanoseconds / second * second,
            inode: capabilities.contains(.inode) ? file.inode : nil,
            mode: file.mode
        )
    }

    func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        try begin(.list, folder)
        var listing = Listing()
        let (files, folders) = state.withLock { ($0.files, $0.folders) }
        func isWanted(_ path: RelativePath) -> Bool {
            guard recursively else { return path.parent == folder }
            guard let folder else { return true }
            return path.string.hasPrefix(folder.string + "/")
        }
        for (path, file) in files where isWanted(path) {
            listing.files.append(ListedFile(path: path, status: status(file)))
        }
        for path in folders where isWanted(path) {
            listing.files.append(ListedFile(path: path, status: FileStatus(kind: .directory, size: 0)))
        }
        listing.files.sort { $0.path < $1.path }
        return listing
    }

    func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        try begin(.status, paths.first)
        let (files, folders) = state.withLock { ($0.files, $0.folders) }
        return paths.map { path in
            if let file = files[path] { return status(file) }
            return folders.contains(path) ? FileStatus(kind: .directory, size: 0) : nil
        }
    }

    func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        try begin(.read, path)
        guard let bytes = bytes(path) else { throw CollectorError.vanished(path.string) }
        guard offset < bytes.count else { return 0 }
        let part = Array(bytes[offset...].prefix(count))
        try part.withUnsafeBytes { try sink($0) }
        return part.count
    }

    func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        try begin(.hash, path)
        guard let bytes = bytes(path) else { throw CollectorError.vanished(path.string) }
        return SHA256Value(hashing: Array(bytes.prefix(prefix ?? .max)))
    }

    func checksum(of path: RelativePath) async throws -> FileChecksum {
        try begin(.checksum, path)
        guard let bytes = bytes(path) else { throw CollectorError.vanished(path.string) }
        var checksum = PosixChecksum()
        bytes.withUnsafeBytes { checksum.update($0) }
        return FileChecksum(value: checksum.value, byteCount: bytes.count)
    }

    func close() async {}

    // MARK: WritableTransport

    func createFolder(_ path: RelativePath) async throws {
        try begin(.createFolder, path)
        state.withLock { state in
            var folder: RelativePath? = path
            while let existing = folder {
                state.folders.insert(existing)
                folder = existing.parent
            }
        }
    }

    func write(
        _ path: RelativePath,
        at offset: Int,
        truncating: Bool,
        from chunks: @Sendable () async throws -> [UInt8]
    ) async throws -> Int {
        try begin(.write, path)
        var done = 0
        try put([], path, at: offset)
        while true {
            var chunk = try await chunks()
            if chunk.isEmpty { break }
            let limit = writeLimit.withLock { limit in
                defer { limit = nil }
                return limit
            }
            if let limit { chunk = Array(chunk.prefix(limit.limit)) }
            try put(chunk, path, at: offset + done)
            if let limit { throw limit.error }
            done += chunk.count
        }
        let end = offset + done
        if truncating { state.withLock { $0.edit(path) { $0 = Array($0.prefix(end)) } } }
        return done
    }

    private func put(_ chunk: [UInt8], _ path: RelativePath, at offset: Int) throws {
        try state.withLock { state in
            if let folder = path.parent, !state.folders.contains(folder) {
                throw CollectorError.file(
                    .system(operation: "write", path: path.string, code: ENOENT)
                )
            }
            let used = state.files.values.reduce(0) { $0 + $1.bytes.count }
            let old = state.files[path]?.bytes.count ?? 0
            let room = max(0, state.capacity - used)
            let growth = max(0, offset + chunk.count - old)
            let fitting = growth > room ? max(0, chunk.count - (growth - room)) : chunk.count
            state.edit(path) { bytes in
                if bytes.count < offset {
                    bytes += [UInt8](repeating: 0, count: offset - bytes.count)
                }
                let end = offset + fitting
                bytes.replaceSubrange(
                    offset..<min(max(offset, bytes.count), end),
                    with: chunk.prefix(fitting)
                )
            }
            if fitting < chunk.count {
                throw CollectorError.file(
                    .system(operation: "write", path: path.string, code: ENOSPC)
                )
            }
        }
    }

    func replace(_ path: RelativePath, with partial: RelativePath) async throws {
        try begin(.replace, path)
        try state.withLock { state in
            guard let file = state.files.removeValue(forKey: partial) else {
                throw CollectorError.vanished(partial.string)
            }
            state.files[path] = file
        }
    }

    func move(_ path: RelativePath, toNew target: RelativePath) async throws {
        try begin(.move, path)
        try state.withLock { state in
            guard state.files[target] == nil else { throw CollectorError.exists(target.string) }
            guard let file = state.files.removeValue(forKey: path) else {
                throw CollectorError.vanished(path.string)
            }
            state.files[target] = file
        }
    }

    func setAttributes(of path: RelativePath, mode: UInt32?, modifiedNanoseconds: Int64?) async throws {
        try begin(.setAttributes, path)
        state.withLock { state in
            if let mode { state.files[path]?.mode = mode }
            if let modifiedNanoseconds { state.files[path]?.modifiedNanoseconds = modifiedNanoseconds }
        }
    }

    func remove(_ path: RelativePath) async throws {
        try begin(.remove, path)
        state.withLock { state in
            if state.files.removeValue(forKey: path) == nil { state.folders.remove(path) }
        }
    }
}

@testable import Collector
import Files
import Synchronization

/// A local transport that breaks, lies and changes as a test says.
final class ScriptedTransport: WritableTransport {
    let local: LocalTransport
    let capabilities: TransportCapabilities
    /// Called before each read with its offset and the bytes delivered so far; may throw or change files.
    let beforePiece: @Sendable (RelativePath, Int) async throws -> Void
    private let delivered = Mutex(0)
    private let hashes = Mutex<[RelativePath: SHA256Value]>([:])
    private let pieceLength: Int
    private let clock = Mutex<@Sendable () -> Int64?>({ nil })

    init(
        _ root: String,
        without missing: TransportCapabilities = [],
        pieceLength: Int = 1_000,
        beforePiece: @escaping @Sendable (RelativePath, Int) async throws -> Void = { _, _ in }
    ) {
        local = LocalTransport(root: root)
        capabilities = local.capabilities.subtracting(missing)
        self.pieceLength = pieceLength
        self.beforePiece = beforePiece
    }

    /// How many bytes were read through it.
    var deliveredByteCount: Int { delivered.withLock { $0 } }

    /// Makes it claim a SHA-256.
    func claim(_ hash: SHA256Value, for path: RelativePath) { hashes.withLock { $0[path] = hash } }

    var displayName: String { local.displayName }
    func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        try await local.list(folder, recursively: recursively)
    }
    func status(of paths: [RelativePath]) async throws -> [FileStatus?] { try await local.status(of: paths) }

    func read(_ path: RelativePath, from offset: Int, count: Int, into sink: ByteSink) async throws -> Int {
        var done = 0
        while done < count {
            try await beforePiece(path, offset + done)
            let wanted = min(pieceLength, count - done)
            let length = try await local.read(path, from: offset + done, count: wanted, into: sink)
            delivered.withLock { $0 += length }
            done += length
            if length < wanted { break }
        }
        return done
    }

    func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        if let claimed = hashes.withLock({ $0[path] }) { return claimed }
        return try await local.sha256(of: path, prefix: prefix)
    }

    func currentTime() async -> Int64? { clock.withLock { $0 }() }

    /// Gives it a clock of its files.
    func setClock(_ body: @escaping @Sendable () -> Int64?) { clock.withLock { $0 = body } }

    func close() async {}

    func createFolder(_ path: RelativePath) async throws { try await local.createFolder(path) }
    func write(
        _ path: RelativePath,
        at offset: Int,
        truncating: Bool,
        from chunks: @Sendable () async throws -> [UInt8]
    ) async throws -> Int {
        try await local.write(path, at: offset, truncating: truncating, from: chunks)
    }
    func replace(_ path: RelativePath, with partial: RelativePath) async throws {
        try await local.replace(path, with: partial)
    }
    func move(_ path: RelativePath, toNew target: RelativePath) async throws {
        try await local.move(path, toNew: target)
    }
    func setAttributes(of path: RelativePath, mode: UInt32?, modifiedNanoseconds: Int64?) async throws {
        try await local.setAttributes(of: path, mode: mode, modifiedNanoseconds: modifiedNanoseconds)
    }
    func remove(_ path: RelativePath) async throws { try await local.remove(path) }
}

/// A clock that jumps ahead whenever someone waits by it.
final class JumpingClock: Sendable {
    private let elapsed = Mutex(Duration.zero)
    private let onSleep: @Sendable () async throws -> Void

    init(onSleep: @escaping @Sendable () async throws -> Void = {}) { self.onSleep = onSleep }

    /// How long was waited in all.
    var waited: Duration { elapsed.withLock { $0 } }

    var time: MonotonicTime {
        MonotonicTime(
            now: { [self] in waited },
            sleep: { [self] duration in
                elapsed.withLock { $0 += duration }
                try await onSleep()
            }
        )
    }
}

public import Files

/// A host over two channels: commands over ssh, and SFTP where much data comes a long way.
///
/// A command tells in one round trip what SFTP tells in four, or cannot tell: inode numbers, fine times, hashes.
public final class CombinedTransport: WritableTransport, ChannelDescribing {
    private let exec: SSHExecTransport
    private let bulk: BulkChannel

    /// Whether SFTP was opened beside the commands.
    var hasBothChannels: Bool { bulk.isSFTP }

    /// Reads of at least this many bytes are much data.
    private static let bulkRead = 1 << 20

    /// Puts two channels together.
    ///
    /// - Parameters:
    ///   - exec: ssh commands.
    ///   - bulk: what much data comes over.
    init(exec: SSHExecTransport, bulk: BulkChannel) {
        self.exec = exec
        self.bulk = bulk
    }

    /// The root: `gpu:/root/runs`.
    public var displayName: String { exec.displayName }

    /// What commands can do; SFTP adds nothing but speed.
    public var capabilities: TransportCapabilities { exec.capabilities }

    /// What goes over which channel, as far as that was decided.
    public var channelDescription: String { bulk.description }

    /// Lists by a command.
    public func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        try await exec.list(folder, recursively: recursively)
    }

    /// Looks at files by a command.
    public func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        try await exec.status(of: paths)
    }

    /// Reads much over the quicker channel, little by a command.
    @discardableResult
    public func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        let channel: any Transport = count >= Self.bulkRead ? try await bulk.transport() : exec
        return try await channel.read(path, from: offset, count: count, into: sink)
    }

    /// Reads text compressed by a command where that can be done.
    public func text(of path: RelativePath, from offset: Int, count: Int) async throws -> [UInt8] {
        guard exec.compressesText(count: count) else {
            return try await bytes(of: path, from: offset, count: count)
        }
        return try await exec.text(of: path, from: offset, count: count)
    }

    /// Hashes by a command.
    public func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        try await exec.sha256(of: path, prefix: prefix)
    }

    /// Computes it by a command.
    public func checksum(of path: RelativePath) async throws -> FileChecksum {
        try await exec.checksum(of: path)
    }

    /// Reads and sums up by one command where that can be done.
    public func textAndChecksum(
        of path: RelativePath,
        from offset: Int,
        count: Int
    ) async throws -> (text: [UInt8], checksum: FileChecksum) {
        guard exec.compressesText(count: count) else {
            let checksum = try await checksum(of: path)
            return (try await bytes(of: path, from: offset, count: count), checksum)
        }
        return try await exec.textAndChecksum(of: path, from: offset, count: count)
    }

    /// Asks the session.
    public func currentTime() async -> Int64? { await exec.currentTime() }

    /// Ends both channels.
    public func close() async {
        await bulk.close()
        await exec.close()
    }

    /// Creates a folder by a command.
    public func createFolder(_ path: RelativePath) async throws { try await writer().createFolder(path) }

    /// Writes by a command.
    public func write(
        _ path: RelativePath,
        at offset: Int,
        truncating: Bool,
        from chunks: @Sendable () async throws -> [UInt8]
    ) async throws -> Int {
        try await writer().write(path, at: offset, truncating: truncating, from: chunks)
    }

    /// Replaces by a command.
    public func replace(_ path: RelativePath, with partial: RelativePath) async throws {
        try await writer().replace(path, with: partial)
    }

    /// Moves by a command.
    public func move(_ path: RelativePath, toNew target: RelativePath) async throws {
        try await writer().move(path, toNew: target)
    }

    /// Sets attributes by a command.
    public func setAttributes(
        of path: RelativePath,
        mode: UInt32?,
        modifiedNanoseconds: Int64?
    ) async throws {
        try await writer().setAttributes(of: path, mode: mode, modifiedNanoseconds: modifiedNanoseconds)
    }

    /// Removes by a command.
    public func remove(_ path: RelativePath) async throws { try await writer().remove(path) }

    private func writer() throws(CollectorError) -> SSHExecTransport {
        guard exec.capabilities.contains(.write) else {
            throw .usage("\(displayName): it has no dd, stat and truncate to write with")
        }
        return exec
    }
}

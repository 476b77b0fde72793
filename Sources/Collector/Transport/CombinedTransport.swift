public import Files

/// A host over two channels: SFTP where much data comes, ssh commands for all else.
///
/// Over a long way libcurl's SFTP is twice as fast as a command over ssh (it keeps more on the way), while a
/// command tells in one round trip what SFTP tells in four, or cannot tell: inode numbers, fine times, hashes.
public final class CombinedTransport: WritableTransport, ChannelDescribing {
    /// The root: `gpu:/root/runs`.
    public let displayName: String
    /// What either channel can do.
    public let capabilities: TransportCapabilities
    /// Which channels it took, and why not the other.
    public let channelDescription: String

    private let bulk: (any Transport)?
    private let exec: (any WritableTransport)?
    private let tunnel: SSHTunnel?

    /// Whether data and commands have a channel each.
    var hasBothChannels: Bool { bulk != nil && exec != nil }

    /// Reads of at least this many bytes go over SFTP.
    private static let bulkRead = 1 << 20

    /// Puts two channels together.
    ///
    /// - Parameters:
    ///   - bulk: SFTP; nil where it does not answer.
    ///   - exec: ssh commands; nil where none are run.
    ///   - tunnel: what `bulk` goes through; it is opened again when it broke, and closed at the end.
    ///   - description: which channels they are.
    package init(
        bulk: (any Transport)?,
        exec: (any WritableTransport)?,
        tunnel: SSHTunnel?,
        description: String
    ) {
        precondition(bulk != nil || exec != nil, "a transport needs a channel")
        self.bulk = bulk
        self.exec = exec
        self.tunnel = tunnel
        displayName = exec?.displayName ?? bulk?.displayName ?? ""
        capabilities = (exec?.capabilities ?? []).union(bulk?.capabilities ?? [])
        channelDescription = description
    }

    /// Lists over whichever channel tells more.
    public func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        try await channel(.list).list(folder, recursively: recursively)
    }

    /// Looks at files over whichever channel tells more.
    public func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        try await channel(.batchStatus).status(of: paths)
    }

    /// Reads much over SFTP, little by a command.
    @discardableResult
    public func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        guard let bulk, count >= Self.bulkRead || exec == nil else {
            return try await channel([]).read(path, from: offset, count: count, into: sink)
        }
        try await tunnel?.open()
        return try await bulk.read(path, from: offset, count: count, into: sink)
    }

    /// Hashes by a command.
    public func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        try await channel(.hash).sha256(of: path, prefix: prefix)
    }

    /// Ends both channels.
    public func close() async {
        await bulk?.close()
        await exec?.close()
        await tunnel?.close()
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

    /// Commands where they can do it, SFTP otherwise.
    private func channel(_ need: TransportCapabilities) async throws -> any Transport {
        if let exec, exec.capabilities.isSuperset(of: need) || bulk == nil { return exec }
        guard let bulk else { throw CollectorError.usage("\(displayName): no channel") }
        try await tunnel?.open()
        return bulk
    }

    private func writer() throws(CollectorError) -> any WritableTransport {
        guard let exec, exec.capabilities.contains(.write) else {
            throw .usage("\(displayName): it cannot be written to, because it runs no commands over ssh")
        }
        return exec
    }
}

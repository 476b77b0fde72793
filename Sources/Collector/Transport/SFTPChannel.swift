public import Files

/// A host over SFTP alone, through a tunnel where there are jump hosts.
public final class SFTPChannel: ChannelDescribing {
    /// That it is SFTP, and why there is nothing else.
    public let channelDescription: String

    private let sftp: SFTPTransport
    private let tunnel: SSHTunnel?

    /// - Parameters:
    ///   - sftp: what answers.
    ///   - tunnel: what it goes through; it is opened again when it broke, and closed at the end.
    ///   - description: why it is this one.
    package init(_ sftp: SFTPTransport, tunnel: SSHTunnel?, description: String = "sftp") {
        self.sftp = sftp
        self.tunnel = tunnel
        channelDescription = description
    }

    /// The root: `gpu:/root/runs`.
    public var displayName: String { sftp.displayName }

    /// What SFTP can do.
    public var capabilities: TransportCapabilities { sftp.capabilities }

    /// Lists a folder.
    public func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        try await open().list(folder, recursively: recursively)
    }

    /// Looks at files, one after the other.
    public func status(of paths: [RelativePath]) async throws -> [FileStatus?] {
        try await open().status(of: paths)
    }

    /// Reads part of a file.
    @discardableResult
    public func read(
        _ path: RelativePath,
        from offset: Int,
        count: Int,
        into sink: ByteSink
    ) async throws -> Int {
        try await open().read(path, from: offset, count: count, into: sink)
    }

    /// Not possible over SFTP.
    public func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        try await sftp.sha256(of: path, prefix: prefix)
    }

    /// Ends the connections and the tunnel.
    public func close() async {
        await sftp.close()
        await tunnel?.close()
    }

    private func open() async throws -> SFTPTransport {
        try await tunnel?.open()
        return sftp
    }
}

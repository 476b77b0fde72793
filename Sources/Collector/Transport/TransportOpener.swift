import Files

/// Finds out how a place can be reached, and opens the way.
public struct TransportOpener: Sendable {
    private let hosts: HostDirectory
    private let timeouts: TransferTimeouts
    private let bytesPerSecond: Int?
    private let preference: ChannelPreference

    /// - Parameters:
    ///   - hosts: whom we trust.
    ///   - timeouts: how long to wait for a peer.
    ///   - bytesPerSecond: how fast data goes at most, on average; nil for as fast as it can.
    ///   - preference: over what hosts are talked to.
    public init(
        hosts: HostDirectory,
        timeouts: TransferTimeouts = TransferTimeouts(),
        bytesPerSecond: Int? = nil,
        preference: ChannelPreference = .auto
    ) {
        self.hosts = hosts
        self.timeouts = timeouts
        self.bytesPerSecond = bytesPerSecond
        self.preference = preference
    }

    /// Opens a place to read from it; a host is connected to at once, so that it fails here.
    ///
    /// - Parameter location: what was written.
    /// - Returns: a transport whose root is the location's path; see ``Transport/channelDescription``.
    /// - Throws: ``CollectorError``; ``CollectorError/hostUnknown(_:)`` where no key is pinned.
    public func open(_ location: Location) async throws -> any Transport {
        throw CollectorError.usage("\(location): not yet")
    }

    /// Opens a place to write to it.
    ///
    /// - Parameter location: what was written.
    /// - Returns: a transport whose root is the location's path.
    /// - Throws: ``CollectorError``; ``CollectorError/usage(_:)`` where that kind of place takes no writes.
    public func openWritable(_ location: Location) async throws -> any WritableTransport {
        throw CollectorError.usage("\(location): not yet")
    }
}

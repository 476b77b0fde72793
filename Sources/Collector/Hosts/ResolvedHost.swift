import Foundation

/// A known host with all that a connection to it needs: the hosts it goes through, nearest first.
public struct ResolvedHost: Sendable, Hashable {
    /// Where the connection ends.
    public var host: KnownHost
    /// The hosts it goes through; the first is connected to directly.
    public var jumps: [KnownHost]

    /// - Parameters:
    ///   - host: where the connection ends.
    ///   - jumps: the hosts it goes through, nearest first.
    public init(host: KnownHost, jumps: [KnownHost] = []) {
        self.host = host
        self.jumps = jumps
    }

    /// What libcurl needs to know; with jump hosts only together with a running tunnel.
    ///
    /// libcurl knows none of ssh's usual key files, so the first of them is named.
    ///
    /// - Parameter tunnelSocket: the socket of the tunnel through the jump hosts.
    /// - Returns: the host's address, keys and credentials.
    public func endpoint(tunnelSocket: String? = nil) -> SSHEndpoint {
        let usual = NSHomeDirectory() + "/.ssh/id_ed25519"
        let identity =
            host.identityFile ?? (FileManager.default.isReadableFile(atPath: usual) ? usual : nil)
        return SSHEndpoint(
            name: host.name,
            address: host.address,
            port: host.port,
            user: host.user ?? NSUserName(),
            pinnedKeys: host.keys,
            identityFile: identity,
            passphraseFile: host.passphraseFile,
            passwordFile: host.passwordFile,
            usesAgent: host.usesAgent,
            tunnelSocket: tunnelSocket
        )
    }
}

/// Everything that decides whom a connection reaches, as whom, and what proves it.
///
/// One connection belongs to one endpoint for good: libcurl takes a pooled connection again even where the
/// pinned keys or the user's key have changed since.
public struct SSHEndpoint: Sendable, Hashable {
    /// The host in messages and in hosts.yaml.
    public var name: String
    /// A host name or an IP address without brackets.
    public var address: String
    /// Of the ssh server.
    public var port: Int
    /// The account there.
    public var user: String
    /// The keys the host may show; never empty.
    public var pinnedKeys: [HostKey]
    /// The private key's file; nil for those in the agent alone.
    public var identityFile: String?
    /// A file with mode 0600 that holds the private key's passphrase.
    public var passphraseFile: String?
    /// A file with mode 0600 that holds the account's password.
    public var passwordFile: String?
    /// Whether keys of the agent at `SSH_AUTH_SOCK` are offered.
    public var usesAgent: Bool
    /// The socket of a running tunnel through jump hosts; nil to connect directly.
    public var tunnelSocket: String?

    /// - Parameters:
    ///   - name: the host in messages.
    ///   - address: a host name or an IP address.
    ///   - port: of the ssh server.
    ///   - user: the account there.
    ///   - pinnedKeys: the keys the host may show.
    ///   - identityFile: the private key's file.
    ///   - passphraseFile: holds its passphrase.
    ///   - passwordFile: holds the account's password.
    ///   - usesAgent: whether keys of the agent are offered.
    ///   - tunnelSocket: the socket of a tunnel.
    public init(
        name: String,
        address: String,
        port: Int = 22,
        user: String,
        pinnedKeys: [HostKey],
        identityFile: String? = nil,
        passphraseFile: String? = nil,
        passwordFile: String? = nil,
        usesAgent: Bool = true,
        tunnelSocket: String? = nil
    ) {
        self.name = name
        self.address = address
        self.port = port
        self.user = user
        self.pinnedKeys = pinnedKeys
        self.identityFile = identityFile
        self.passphraseFile = passphraseFile
        self.passwordFile = passwordFile
        self.usesAgent = usesAgent
        self.tunnelSocket = tunnelSocket
    }
}

/// One host of hosts.yaml: where it is, by which keys it is recognised, and how we prove who we are.
public struct KnownHost: Sendable, Hashable {
    /// What it is called in commands; trust belongs to the name, so an address may change.
    public var name: String
    /// The account there; nil means that of the person who runs this.
    public var user: String?
    /// A host name or an IP address without brackets.
    public var address: String
    /// Of the ssh server.
    public var port: Int
    /// The name of the host that the connection goes through; nil to connect directly.
    public var jump: String?
    /// The keys the host may show; never empty.
    public var keys: [HostKey]
    /// The private key's file; nil for ssh's usual ones.
    public var identityFile: String?
    /// A file with mode 0600 that holds the private key's passphrase.
    public var passphraseFile: String?
    /// A file with mode 0600 that holds the account's password.
    public var passwordFile: String?
    /// Whether keys of the agent at `SSH_AUTH_SOCK` are offered.
    public var usesAgent: Bool

    /// - Parameters:
    ///   - name: what it is called in commands.
    ///   - user: the account there.
    ///   - address: a host name or an IP address.
    ///   - port: of the ssh server.
    ///   - jump: the host the connection goes through.
    ///   - keys: the keys the host may show.
    ///   - identityFile: the private key's file.
    ///   - passphraseFile: holds its passphrase.
    ///   - passwordFile: holds the account's password.
    ///   - usesAgent: whether keys of the agent are offered.
    public init(
        name: String,
        user: String? = nil,
        address: String,
        port: Int = 22,
        jump: String? = nil,
        keys: [HostKey],
        identityFile: String? = nil,
        passphraseFile: String? = nil,
        passwordFile: String? = nil,
        usesAgent: Bool = true
    ) {
        self.name = name
        self.user = user
        self.address = address
        self.port = port
        self.jump = jump
        self.keys = keys
        self.identityFile = identityFile
        self.passphraseFile = passphraseFile
        self.passwordFile = passwordFile
        self.usesAgent = usesAgent
    }

    /// `user@host:port`, as hosts.yaml has it.
    public var writtenAddress: String {
        Location.HostReference(user: user, name: address, port: port).description
    }

    /// The fingerprints of its keys, for a message.
    public var fingerprints: String { keys.map(\.fingerprint).joined(separator: " or ") }
}

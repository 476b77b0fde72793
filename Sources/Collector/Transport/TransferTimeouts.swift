/// How long to wait for a peer, and how fast to go.
public struct TransferTimeouts: Sendable, Hashable {
    /// Until a connection stands, the whole ssh handshake included.
    public var connectSeconds: Double
    /// Without a byte, before a peer counts as silent.
    public var silenceSeconds: Double

    /// - Parameters:
    ///   - connectSeconds: until a connection stands.
    ///   - silenceSeconds: without a byte.
    public init(connectSeconds: Double = 20, silenceSeconds: Double = 30) {
        self.connectSeconds = connectSeconds
        self.silenceSeconds = silenceSeconds
    }
}

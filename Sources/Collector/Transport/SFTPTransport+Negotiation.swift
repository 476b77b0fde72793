import CCurl

extension SFTPTransport {
    /// Whether an error says that this host cannot be reached over SFTP at all, though perhaps over ssh(1): the
    /// two sides have no encryption in common, or the server has no SFTP.
    ///
    /// libssh2 1.10 knows neither AES-GCM nor ChaCha20-Poly1305 nor encrypt-then-MAC, and signs with RSA in the
    /// old way alone, so a hardened server has nothing to offer it.
    ///
    /// - Parameter error: what an operation of this transport threw.
    /// - Returns: true where another transport should be tried.
    public static func isNegotiationFailure(_ error: any Error) -> Bool {
        guard case .protocolViolation(_, let reason) = error as? CollectorError else { return false }
        return reason.hasPrefix(noCommonEncryption) || reason.hasPrefix(noSubsystem)
    }

    private static let noCommonEncryption = "its ssh and the SFTP library here have no encryption in common"
    private static let noSubsystem = "its ssh offers no SFTP"
    private static let advice = "write host:path instead of sftp://, which goes over ssh(1)"

    /// The error for a connection that cannot come about between these two sides; nil for any other outcome.
    static func negotiationFailure(_ outcome: CurlOutcome, peer: String) -> CollectorError? {
        guard outcome.code == CURLE_FAILED_INIT, !outcome.isConnected else { return nil }
        let words = CurlFailure.words(of: outcome)
        let reason =
            outcome.text.contains("sftp") || outcome.text.contains("SFTP")
            ? noSubsystem : noCommonEncryption
        return .protocolViolation(peer, reason: "\(reason): \(words); \(advice)")
    }
}

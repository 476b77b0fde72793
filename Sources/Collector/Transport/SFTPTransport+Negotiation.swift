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
    ///
    /// libcurl has one code for everything that goes wrong before the login, a peer that hangs up included; only
    /// its words tell which it was: `Failure establishing ssh session: -5, Unable to exchange encryption keys`.
    ///
    /// Source: libcurl 7.88 lib/vssh/libssh2.c, libssh2.h.
    static func negotiationFailure(_ outcome: CurlOutcome, peer: String) -> CollectorError? {
        guard outcome.code == CURLE_FAILED_INIT else { return nil }
        let reason: String
        if let number = sessionError(in: outcome.text), keyExchangeErrors.contains(number) {
            reason = noCommonEncryption
        } else if subsystemWords.contains(where: { outcome.text.contains($0) }) {
            reason = noSubsystem
        } else {
            return nil
        }
        return .protocolViolation(peer, reason: "\(reason): \(CurlFailure.words(of: outcome)); \(advice)")
    }

    /// LIBSSH2_ERROR_KEX_FAILURE, _KEY_EXCHANGE_FAILURE and _METHOD_NONE.
    private static let keyExchangeErrors = [-5, -8, -17]
    private static let subsystemWords = ["Unable to request SFTP subsystem", "FXP_VERSION"]

    private static func sessionError(in text: String) -> Int? {
        guard let start = text.firstRange(of: "ssh session: ")?.upperBound else { return nil }
        return Int(text[start...].prefix { $0 == "-" || $0.isNumber })
    }
}

/// How far it is known that a backup is what the source had.
///
/// Always stated, never assumed.
public enum BackupVerification: String, Sendable, Hashable, Codable, CaseIterable {
    /// The length is right, and nothing else is known: kept apart, never restored by itself.
    case sizeOnly = "size only"
    /// A log that was read twice and came the same both times.
    case readTwice = "read twice"
    /// The length is right and the container's directory is whole; its tensors noted no checksums.
    case structureOnly = "structure only"
    /// The directory is whole and every record has the CRC-32 that its writer noted.
    case structureAndChecksums = "structure and checksums"
    /// The SHA-256 is the one that the source's own host computed.
    case sha256 = "sha256"

    /// Takes over what a transfer found.
    ///
    /// - Parameter level: of the transfer.
    init(_ level: VerificationLevel) {
        self =
            switch level {
            case .sizeOnly: .sizeOnly
            case .structureOnly: .structureOnly
            case .structureAndChecksums: .structureAndChecksums
            case .sha256: .sha256
            }
    }

    /// Whether the file counts as a backup.
    public var isVerified: Bool { self != .sizeOnly }

    /// The level as a sentence's end: `verified: size+structure only`.
    public var words: String {
        switch self {
        case .sizeOnly: "not verified: only its size is known to be right"
        case .readTwice: "verified: read twice, the same both times"
        case .structureOnly: "verified: size+structure only"
        case .structureAndChecksums: "verified: structure and checksums"
        case .sha256: "verified: sha256"
        }
    }
}

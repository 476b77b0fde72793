/// How far it is known that a file arrived as it was sent.
///
/// Always stated, never assumed.
public enum VerificationLevel: String, Sendable, Hashable, Codable, Comparable, CaseIterable {
    /// The length is that of the source, and the source did not change meanwhile.
    case sizeOnly = "size only"
    /// The container's directory is whole and fits the length; the tensors themselves were not checked.
    case structureOnly = "structure only"
    /// The directory is whole and every record has the CRC-32 that its writer noted.
    case structureAndChecksums = "structure and checksums"
    /// The SHA-256 is the one that the source's own host computed.
    case sha256 = "sha256"

    /// Whether less is known at this level.
    public static func < (left: VerificationLevel, right: VerificationLevel) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .sizeOnly: 0
        case .structureOnly: 1
        case .structureAndChecksums: 2
        case .sha256: 3
        }
    }
}

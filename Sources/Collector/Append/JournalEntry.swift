import Files

/// What is known of one append file at the destination: how far it is there for good, and how to recognise its
/// source.
///
/// Bytes before ``synced`` are on the device and were equal to the source's when they came. Whatever lies behind
/// was written but not recorded before a crash, and is compared with the source before it counts.
struct JournalEntry: Sendable, Hashable {
    /// Where the bytes come from: `gpu:/root/runs`.
    var source: String
    /// The collected file, below the destination's root.
    var path: RelativePath
    /// The number of the last earlier generation; 0 while there is none.
    var generation = 0
    /// The source's number in its file system; nil where that is not known.
    var inode: UInt64?
    /// The source's length when it was looked at last.
    var size = 0
    /// The source's time when it was looked at last, by the source's clock.
    var modifiedNanoseconds: Int64?
    /// How many bytes are at the destination, durably.
    var synced = 0
    /// The offset behind the last line break among them.
    var lineEnd = 0
    /// Of the first ``headLength`` bytes among them.
    var headHash = Self.emptyHash
    /// Of all ``synced`` bytes as they arrived, the register of their checksum; nil where it was not kept.
    var register: UInt32?
    /// A change of names that was begun and may be half done.
    var pending: PendingStep?

    /// The checksum of all ``synced`` bytes as they arrived; nil where it was not kept.
    var checksum: PosixChecksum? {
        synced == 0 ? PosixChecksum() : register.map { PosixChecksum(register: $0, byteCount: synced) }
    }

    /// How many bytes at most ``headHash`` covers.
    static let headLength = 4096
    /// Of no bytes.
    static let emptyHash = SHA256Value(hashing: [])

    /// What was begun, recorded before it is done so that a restart ends it instead of doing it twice.
    struct PendingStep: Sendable, Hashable {
        /// What is done.
        enum Kind: String, Sendable {
            /// The whole file gets the name of an earlier generation.
            case generation
            /// What lies behind ``JournalEntry/synced`` is saved by itself and cut off.
            case surplus
        }

        var kind: Kind
        /// The generation's number.
        var number: Int
        var reason: GenerationReason
    }

    /// An entry for a file of which nothing has arrived.
    init(source: String, path: RelativePath, generation: Int = 0) {
        self.source = source
        self.path = path
        self.generation = generation
    }

    /// The entry of the next generation of the same file, of which nothing has arrived.
    func succeeded(byGeneration number: Int) -> JournalEntry {
        JournalEntry(source: source, path: path, generation: number)
    }

    /// Takes over what the source told about itself.
    mutating func note(_ status: FileStatus) {
        size = status.size
        modifiedNanoseconds = status.modifiedNanoseconds
        // A channel that tells no inode must not make a known one forgotten: another may tell it again.
        if let number = status.inode { inode = number }
    }

    /// Whether the source looks exactly as when it was looked at last.
    func matches(_ status: FileStatus) -> Bool {
        status.size == size && status.modifiedNanoseconds == modifiedNanoseconds
            && (status.inode == nil || inode == nil || status.inode == inode)
    }
}

/// Why a file began anew.
enum GenerationReason: String, Sendable, CaseIterable {
    /// The source became shorter than what had been collected.
    case truncated
    /// Bytes at the source differ from those collected.
    case rewritten
    /// The source was renamed, and another file has its name.
    case rotated
    /// Another file has the source's name, and other contents.
    case replaced
    /// The file comes from another host now, with other contents.
    case relocated
    /// Bytes behind those recorded differ from the source's: written in a crash, or rewritten after it.
    case surplus

    /// The reason in words.
    var text: String {
        switch self {
        case .truncated: "the source became shorter than what was collected"
        case .rewritten: "the source was rewritten"
        case .rotated: "the source was rotated"
        case .replaced: "the source was replaced by another file"
        case .relocated: "the file comes from another host, with other contents"
        case .surplus: "what was written before a crash differs from the source"
        }
    }
}

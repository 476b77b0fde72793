import Files

/// What one poll of one append file gave.
struct TailOutcome: Sendable, Hashable {
    /// New bytes that are at the destination now, durably.
    var carriedByteCount = 0
    /// Bytes that were read from the source again and found equal.
    var equalByteCount = 0
    /// Why the file began anew, each time it did.
    var reasons: [GenerationReason] = []
    /// Whether more bytes wait, so that another poll should follow soon.
    var hasMore = false
    /// Whether the source is gone.
    var isVanished = false
    /// How many bytes the source had that are not at the destination yet.
    var lagByteCount = 0
    /// How many bytes of the current generation are at the destination.
    var syncedByteCount = 0
    /// How many earlier generations are kept.
    var generation = 0
}

/// What is known of one file as long as this process and its connection live.
///
/// It belongs to whoever polls the file, one poll at a time.
struct TailMemory: Sendable, Hashable {
    /// What is at the destination; nil before it was looked at, and after anything that may have changed it.
    var copy: CopyState?
    /// Whether the source's earlier bytes need no comparison on account of a new connection.
    var isChecked = false
    /// When the last audit was; nil before the first.
    var auditTime: Duration?
    /// When the source was last seen to change.
    var changeTime: Duration = .zero
    /// What the source told in the last poll.
    var status: FileStatus?

    /// Nothing known.
    init() {}

    /// Forgets what was true of an earlier connection only.
    mutating func noteReconnection() { isChecked = false }

    /// Forgets everything about the copy, after a failure in which it may have changed.
    mutating func noteFailure() { copy = nil }
}

/// The moments of a poll at which the process may die; what is on disk afterwards can be taken up at each of them.
enum AppendStep: Sendable, Hashable, CaseIterable {
    case statusTaken, tailRead, dataWritten, progressRecorded
    case generationIntended, generationMoved, generationLogged, generationBegun
    case surplusIntended, surplusSaved, surplusCut
    case rotatedFileRead, prefixVerified
}

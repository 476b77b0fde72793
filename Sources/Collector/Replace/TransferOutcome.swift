public import Files

/// How far a transfer has come.
public struct TransferProgress: Sendable, Hashable {
    /// The file, below the source's root.
    public var path: RelativePath
    /// Bytes that lie at the destination, those of an earlier attempt included.
    public var receivedByteCount: Int
    /// Bytes of the whole file.
    public var totalByteCount: Int
}

/// A file that came whole and was verified, but has not got its name yet.
public struct ReceivedFile: Sendable, Hashable {
    /// Where it was read, below the source's root.
    public var source: RelativePath
    /// Where it lies now, below the destination's root.
    public var partial: RelativePath
    /// What the source was, before and after.
    public var status: FileStatus
    /// Of its contents; nil where neither end could hash them all.
    public var sha256: SHA256Value?
    /// How far it is known to be what was sent.
    public var verification: VerificationLevel
    /// What was found inside; nil where it is no checkpoint of a known format.
    public var format: CheckpointFormat?
    /// Bytes that came from the source this time.
    public var carriedByteCount: Int
    /// Bytes that were at the destination already: of an attempt that broke, or blocks of the older file.
    public var reusedByteCount: Int
}

/// What carrying one whole file gave.
public struct TransferOutcome: Sendable, Hashable {
    /// Where the file is now, below the destination's root.
    public var target: RelativePath
    /// How it came.
    public var received: ReceivedFile
}

/// The moments of a transfer at which it may be ended; what is there afterwards is whole at each of them.
enum TransferStep: Sendable, Hashable, CaseIterable {
    case partialFolderCreated, overlapCompared, bytesReceived, sourceChecked, verified, attributesSet,
        replaced
}

/// When a file was looked at, so that a second look later tells whether it rests.
public struct ObservedStatus: Sendable, Hashable {
    /// What was seen.
    public var status: FileStatus
    /// When, by the clock of ``MonotonicTime``.
    public var time: Duration

    /// - Parameters:
    ///   - status: what was seen.
    ///   - time: when.
    public init(status: FileStatus, time: Duration) {
        self.status = status
        self.time = time
    }
}

public import Files

/// One change that was made, or would be in a dry run.
public struct SyncItem: Sendable, Hashable {
    /// The eleven characters.
    public var change: ItemizedChange
    /// Below the top of the transfer; nil for the top itself.
    public var path: RelativePath?
    /// Where it is read, in words.
    public var sourcePath: String
    /// Of the whole file.
    public var byteCount: Int
    /// That came from the source for it.
    public var carriedByteCount = 0
    /// When it last changed at the source.
    public var modifiedNanoseconds: Int64?
    /// Permission bits at the source.
    public var mode: UInt32?
    /// How far it is known to be whole; nil for folders, logs and what only got attributes.
    public var verification: VerificationLevel?
    /// Whether it went to another host.
    public var isSent = false

    /// The name as rsync shows it: folders end in a slash, the top is `./`.
    public var shownName: String {
        guard let path else { return "./" }
        return change.isFolder ? path.string + "/" : path.string
    }
}

/// A name that was passed over.
public struct SkippedName: Sendable, Hashable {
    /// As it stands at the source.
    public var name: String
    /// What it is there.
    public var kind: FileIdentity.Kind

    init(name: String, kind: FileIdentity.Kind) {
        self.name = name
        self.kind = kind
    }

    init(_ file: ListedFile) { self.init(name: file.path.string, kind: file.status.kind) }

    /// What it is, why it does not take part, and what to do about it.
    var reason: String {
        switch kind {
        case .directory: "it is a folder; folders need -r"
        case .symbolicLink: "it is a symbolic link, and links are never followed; name what it leads to"
        case .file, .other: "it is a device, pipe or socket; only files are carried"
        }
    }
}

/// What happens during a sync.
public enum SyncEvent: Sendable, Equatable {
    /// The destination did not exist and was created.
    case createdDestination(String)
    /// A name that is neither file nor folder, or a folder without `-r`, was passed over.
    case skipped(SkippedName)
    /// A change.
    case item(SyncItem)
    /// Something failed; the rest goes on.
    case problem(CollectorError)
    /// Something worth knowing.
    case notice(String)
    /// A file has come further.
    case progress(TransferProgress)
}

/// How a sync ended.
public struct SyncResult: Sendable {
    /// For the shell, as rsync numbers them.
    public var exitStatus: Int32
    /// Counted on the way.
    public var statistics: SyncStatistics
    /// Why it could not go on; nil where it reached its end.
    public var failure: CollectorError?

    /// - Parameters:
    ///   - exitStatus: for the shell.
    ///   - statistics: counted on the way.
    ///   - failure: why it could not go on.
    public init(
        exitStatus: Int32,
        statistics: SyncStatistics = SyncStatistics(),
        failure: CollectorError? = nil
    ) {
        self.exitStatus = exitStatus
        self.statistics = statistics
        self.failure = failure
    }
}

public import Files

/// What a transport tells about one file, folder or link.
///
/// Everything in it comes from the other side and may be a lie. Times are of the other side's clock: compare
/// them with each other, never with the clock here.
public struct FileStatus: Sendable, Hashable {
    /// What it is; a symbolic link counts as itself and is never followed.
    public var kind: FileIdentity.Kind
    /// Length in bytes; never negative.
    public var size: Int
    /// When the contents last changed, in nanoseconds since 1970; nil where the transport does not tell.
    ///
    /// Whole seconds without ``TransportCapabilities/fineTimes``.
    public var modifiedNanoseconds: Int64?
    /// The number of the file in its file system; nil without ``TransportCapabilities/inode``.
    public var inode: UInt64?
    /// Permission bits; nil where the transport does not tell.
    public var mode: UInt32?
    /// The strong entity tag of an HTTP resource.
    public var entityTag: String?

    /// - Parameters:
    ///   - kind: what it is.
    ///   - size: length in bytes.
    ///   - modifiedNanoseconds: time of the last change, since 1970, by the other side's clock.
    ///   - inode: its number.
    ///   - mode: permission bits.
    ///   - entityTag: of an HTTP resource, with its quotes.
    public init(
        kind: FileIdentity.Kind = .file,
        size: Int,
        modifiedNanoseconds: Int64? = nil,
        inode: UInt64? = nil,
        mode: UInt32? = nil,
        entityTag: String? = nil
    ) {
        self.kind = kind
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.inode = inode
        self.mode = mode
        self.entityTag = entityTag
    }
}

extension FileStatus {
    /// The same of a file of this machine.
    init(_ identity: FileIdentity) {
        self.init(
            kind: identity.kind,
            size: identity.size,
            modifiedNanoseconds: identity.modifiedNanoseconds,
            inode: identity.inode,
            mode: identity.mode
        )
    }
}

extension Transport {
    /// What the root itself is; of a folder elsewhere no more is known than that it is one.
    var rootStatus: FileStatus {
        guard let local = self as? LocalTransport, let identity = FileIdentity.find(local.root) else {
            return FileStatus(kind: .directory, size: 0)
        }
        return FileStatus(identity)
    }
}

/// One name below the root of a transport.
public struct ListedFile: Sendable, Hashable {
    /// Below the root; validated, so it cannot leave it.
    public var path: RelativePath
    /// What it is.
    public var status: FileStatus

    /// - Parameters:
    ///   - path: below the root.
    ///   - status: what it is.
    public init(path: RelativePath, status: FileStatus) {
        self.path = path
        self.status = status
    }
}

/// What listing a folder gave: what can be used, and what cannot with the reason.
public struct Listing: Sendable, Equatable {
    /// Sorted by path, folders before their contents.
    public var files: [ListedFile] = []
    /// Names that were refused and folders that could not be read; the rest is still good.
    public var problems: [CollectorError] = []

    /// An empty listing.
    public init() {}
}

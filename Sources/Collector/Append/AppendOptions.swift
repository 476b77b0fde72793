/// How append files are carried.
public struct AppendOptions: Sendable, Hashable {
    /// How many recorded bytes are read and compared again with each tail.
    ///
    /// Source: a request costs the same with them; they reveal a file that was truncated and grew past the old
    /// end, which its length alone does not.
    public var overlapByteCount = 4096
    /// How many bytes of one file are carried in one poll at most, so that a huge file does not starve others.
    public var bytesPerPoll = 4 << 20
    /// Whether copies are read to compare them after a new connection, and not only what was noted as they arrived.
    public var readsCopies = false
    /// How often earlier bytes of a file that changes are compared with the source again.
    public var auditInterval: Duration = .seconds(600)
    /// How many random blocks an audit compares, besides the beginning.
    public var auditBlockCount = 4
    /// How long those blocks are.
    public var auditBlockLength = 1 << 20
    /// A longer file is refused: a hostile length must not fill the disk.
    public var maximumByteCount = 1 << 42
    /// The permissions of a new copy; one that begins anew has those of the generation before it.
    public var newFileMode: UInt32 = CreationMask.newFile

    /// The defaults.
    public init() {}
}

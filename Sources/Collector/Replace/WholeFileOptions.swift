/// How whole files are carried.
public struct WholeFileOptions: Sendable {
    /// The folder beside each file where it grows until it is whole.
    public static let defaultPartialFolder = ".voxsite-partial"

    /// One name, without slashes.
    public var partialFolder = WholeFileOptions.defaultPartialFolder
    /// How many bytes are read and compared again where a transfer is taken up.
    public var overlapByteCount = 1 << 20
    /// How long a checkpoint must not change before it is taken for finished.
    public var quietPeriod: Duration = .seconds(3)
    /// How often a file is tried that changes while it is read.
    public var attempts = 3
    /// A longer file is refused: a hostile size must not fill the disk.
    public var maximumByteCount = 1 << 44
    /// Whether the source's own SHA-256 is asked for where it can compute one.
    public var comparesHashes = true
    /// Whether something with a checkpoint's name that is no checkpoint is refused.
    public var requiresCheckpoint = false
    /// When the file at the destination is used as a basis.
    public var deltaUse = DeltaUse.whereBlocksAreShared

    /// The defaults.
    public init() {}
}

/// When a block delta is made between two files of this machine.
///
/// All of both is read and hashed for it, which takes longer than to carry the file whole: measured with rsync,
/// which goes whole on local paths for the same reason. It pays where unchanged blocks need not be written.
public enum DeltaUse: Sendable, Hashable {
    /// On file systems that share blocks between files: Btrfs, XFS, bcachefs.
    case whereBlocksAreShared
    /// On all of them.
    case always
    /// On none.
    case never
}

/// What a file at the destination is to have.
public struct TransferAttributes: Sendable, Hashable {
    /// Permission bits.
    public var mode: UInt32
    /// Whether it gets the time of the source's last change.
    public var keepsTime: Bool

    /// - Parameters:
    ///   - mode: permission bits; nil for those of any new file of this process.
    ///   - keepsTime: whether the time is kept.
    public init(mode: UInt32? = nil, keepsTime: Bool = true) {
        self.mode = mode ?? CreationMask.newFile
        self.keepsTime = keepsTime
    }
}

import Glibc

/// Which version of a file stands at a path: it differs whenever the file was replaced or written to.
///
/// Stricter than ``FileIdentity``, which a rename or a further link leaves as it is.
public struct FileStamp: Hashable, Sendable {
    /// What stands there.
    public let identity: FileIdentity
    /// When anything about the file last changed.
    ///
    /// Unlike the modification time it cannot be set back.
    public let changedNanoseconds: Int64

    /// The stamp of what stands at `path`, links followed; nil where nothing can be seen there.
    ///
    /// - Parameter path: any path.
    public init?(ofFileAt path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The stamp of an open file; nil for a descriptor that is not open.
    ///
    /// - Parameter descriptor: of a file that stays open meanwhile.
    public init?(ofDescriptor descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        identity = FileIdentity(status)
        changedNanoseconds = FileIdentity.nanoseconds(status.st_ctim)
    }

    /// Whether the file may be written again without its stamp showing it.
    ///
    /// File systems keep time in ticks of up to 10 ms (git calls this "racy"): whatever was read within the
    /// tick of the last change must not be remembered.
    public var isFresh: Bool {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let (age, overflows) = FileIdentity.nanoseconds(now).subtractingReportingOverflow(changedNanoseconds)
        return !overflows && age < 50_000_000
    }
}

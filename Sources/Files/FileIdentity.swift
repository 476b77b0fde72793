package import Glibc

/// What `stat` tells about a file or folder: enough to see that it was replaced, grew or was touched.
public struct FileIdentity: Hashable, Sendable {
    /// What stands at a path.
    public enum Kind: Sendable, Hashable {
        case file, directory, symbolicLink
        /// A device, socket or pipe: never opened.
        case other
    }

    /// The file system's number.
    public let device: UInt64
    /// The number of the file within its file system; a replaced file has another.
    public let inode: UInt64
    /// What it is.
    public let kind: Kind
    /// Length in bytes.
    public let size: Int
    /// When the contents last changed, in nanoseconds since 1970.
    ///
    /// For a folder: when an entry was last added, removed or renamed.
    public let modifiedNanoseconds: Int64
    /// Permission bits.
    public let mode: UInt32

    /// Reads the identity of what stands at `path`.
    ///
    /// - Parameters:
    ///   - path: any path.
    ///   - followingSymbolicLinks: whether a link counts as what it points to.
    /// - Throws: ``FilesError/system(operation:path:code:)``, with `ENOENT` where nothing is there.
    public init(ofFileAt path: String, followingSymbolicLinks: Bool = true) throws(FilesError) {
        var status = stat()
        let flags = followingSymbolicLinks ? 0 : AT_SYMLINK_NOFOLLOW
        guard unsafe fstatat(AT_FDCWD, path, &status, flags) == 0 else {
            throw .system(operation: "look at it", path: path, code: errno)
        }
        self.init(status)
    }

    /// The identity of what stands at `path`, nil where nothing can be seen there.
    ///
    /// - Parameters:
    ///   - path: any path.
    ///   - followingSymbolicLinks: whether a link counts as what it points to.
    /// - Returns: nil for a missing file and for one that cannot be reached alike.
    public static func find(_ path: String, followingSymbolicLinks: Bool = true) -> FileIdentity? {
        try? FileIdentity(ofFileAt: path, followingSymbolicLinks: followingSymbolicLinks)
    }

    /// Whether the last change is so recent that a further one might show the same time.
    ///
    /// File systems count in ticks of up to 10 ms.
    public var isYoung: Bool {
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return true }
        let (age, overflows) = FileIdentity.nanoseconds(now).subtractingReportingOverflow(modifiedNanoseconds)
        // Only a time in the far past overflows, which is as old as can be.
        return !overflows && age < 20_000_000
    }

    /// Nanoseconds since 1970; a file may claim any year, and 64 bits end in 2262.
    static func nanoseconds(_ time: timespec) -> Int64 {
        let (seconds, isTooFar) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        guard !isTooFar else { return time.tv_sec < 0 ? .min : .max }
        let (sum, overflows) = seconds.addingReportingOverflow(Int64(time.tv_nsec))
        return overflows ? .max : sum
    }

    /// - Parameter status: what `stat(2)` filled in.
    package init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        size = max(0, Int(status.st_size))
        modifiedNanoseconds = FileIdentity.nanoseconds(status.st_mtim)
        mode = UInt32(status.st_mode & 0o7777)
    }
}

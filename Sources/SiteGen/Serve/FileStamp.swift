import Glibc

/// Which version of a file stands at a path: it differs whenever the file was replaced or written to.
struct FileStamp: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int
    /// When the contents last changed, in nanoseconds since 1970.
    let modifiedNanoseconds: Int64
    /// When anything about the file last changed.
    ///
    /// Unlike the modification time it cannot be set back.
    let changedNanoseconds: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changedNanoseconds = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }

    var lastModified: HTTPDate {
        HTTPDate(secondsSince1970: Int(modifiedNanoseconds / 1_000_000_000))
    }

    /// Whether the file may be written again without its stamp showing it.
    ///
    /// File systems keep time in ticks of up to 10 ms (git calls this "racy"): whatever was read within the
    /// tick of the last change must not be remembered.
    var isFresh: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
        return nanoseconds - changedNanoseconds < 50_000_000
    }
}

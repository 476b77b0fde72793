import CLinux
import Glibc

/// `UTIME_OMIT` of <sys/stat.h>, a macro the importer cannot read: leave the time of reading as it is.
private let leaveTime = (1 << 30) - 2

extension OpenFile {
    /// Appends everything in `source` to this file, inside the kernel where the file systems can, sharing the
    /// blocks where they can even do that.
    ///
    /// - Parameter source: open for reading; its position does not matter and does not change.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public func copyContents(of source: borrowing OpenFile) throws(FilesError) {
        var offset: off_t = 0
        while true {
            let count = unsafe copy_file_range(source.descriptor, &offset, descriptor, nil, 1 << 30, 0)
            if count == 0 {
                // Some file systems answer 0 for files they make up as they are read.
                if offset == 0 { break }
                return
            }
            if count > 0 || errno == EINTR { continue }
            switch errno {
            case EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EBADF, EPERM, ETXTBSY: break
            case let code: throw .system(operation: "write", path: path, code: code)
            }
            break
        }
        try copyThroughMemory(source, from: Int(offset))
    }

    private func copyThroughMemory(_ source: borrowing OpenFile, from start: Int) throws(FilesError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var offset = start
        while true {
            let count = try unsafe source.read(into: buffer, at: offset)
            if count == 0 { return }
            try unsafe write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
    }

    /// Sets when the contents count as last changed.
    ///
    /// - Parameter nanoseconds: since 1970.
    /// - Throws: ``FilesError/system(operation:path:code:)``.
    public func setModified(nanoseconds: Int64) throws(FilesError) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
        let times = [timespec(tv_sec: 0, tv_nsec: leaveTime), time]
        guard unsafe futimens(descriptor, times) == 0 else {
            throw .system(operation: "set the time", path: path, code: errno)
        }
    }

    /// Locks the file against every other owner that asks, until this one is closed or its process dies.
    ///
    /// - Returns: false where another owner holds it.
    public func tryLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Gives the lock up at once, also where a child that is just being started still shares the descriptor.
    public func unlock() { _ = flock(descriptor, LOCK_UN) }
}

import Glibc

/// A file system of a few kilobytes, to be filled: tmpfs, which only root may mount.
public final class SmallFileSystem: Sendable {
    /// Where it is mounted.
    public let path: String
    private let folder: TemporaryDirectory

    /// Whether this system allows it; says so loudly where not, since tests are then left out.
    public static let isAvailable: Bool = {
        guard let folder = try? TemporaryDirectory() else { return false }
        let isMounted = mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0
        if isMounted {
            umount2(folder.path, Int32(MNT_DETACH))
        } else {
            print("NOT TESTED: full disks, since mounting a tmpfs needs root")
        }
        return isMounted
    }()

    /// - Parameter kilobytes: how much it holds.
    /// - Throws: ``NotMounted``.
    public init(kilobytes: Int) throws {
        folder = try TemporaryDirectory()
        path = folder.path
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
            throw NotMounted(code: errno)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// The system refused.
    public struct NotMounted: Error {
        /// The `errno`.
        public let code: Int32
    }
}

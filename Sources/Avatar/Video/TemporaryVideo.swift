import Files
import Glibc
import Synchronization

/// The name of a video that is being written, beside its target; the file goes with its owner.
final class TemporaryVideo: Sendable {
    let path: String

    private static let counter = Atomic<UInt64>(0)

    init(beside target: String) {
        let serial = Self.counter.add(1, ordering: .relaxed).newValue
        path = "\(FileSystem.folder(of: target))/.voxsite-clip-\(getpid())-\(serial).video"
    }

    deinit { unlink(path) }
}

import Files
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Trainer

/// The lock of a folder of checkpoints.
@Suite struct RunLockTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// A child that is being started has every descriptor until it runs its program.
    @Test func aLockIsGivenBackWhereACopyOfItsDescriptorLives() throws {
        var lock: RunLock? = try RunLock(folder: folder.path)
        let path = folder.path(of: ".training.lock")
        let (files, open) = (FileManager.default, "/proc/self/fd")
        let descriptor = try #require(
            try files.contentsOfDirectory(atPath: open).compactMap { Int32($0) }.first {
                (try? files.destinationOfSymbolicLink(atPath: "\(open)/\($0)")) == path
            }
        )
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        #expect(copy >= 0)
        defer { close(copy) }
        #expect(throws: TrainerError.self) { try RunLock(folder: folder.path) }
        #expect(lock != nil)
        lock = nil
        _ = try RunLock(folder: folder.path)
    }

    /// Only one that somebody holds is said to be held.
    @Test func aFileSystemWithoutLocksIsSaidToBeOne() {
        #expect(
            RunLock.refusal(EWOULDBLOCK).hasPrefix("another voxsite trains into this folder; wait for it")
        )
        for code in [ENOLCK, EOPNOTSUPP, ENOSYS, EIO] {
            let text = RunLock.refusal(code)
            #expect(!text.contains("another voxsite trains"))
            let reason = String(cString: strerror(code))
            #expect(text.hasPrefix("its file system gives no lock (\(reason)), so "))
            #expect(text.contains("set training.checkpoint_dir to a folder on a local disk"))
        }
    }
}

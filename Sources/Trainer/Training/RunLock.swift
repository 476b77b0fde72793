import Glibc

/// Keeps other processes from a folder; given back when the last reference goes or the process ends, however it does.
final class RunLock: Sendable {
    private let descriptor: Int32

    /// Keeps two processes from training into one folder of checkpoints.
    ///
    /// - Parameter folder: of the checkpoints.
    /// - Throws: ``TrainerError/training(run:reason:)`` where another process trains into it.
    init(folder: String) throws(TrainerError) {
        let path = "\(folder)/.training.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .training(run: folder, reason: "no lock can be made in it: \(Self.reason(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .training(run: folder, reason: Self.refusal(errno))
        }
    }

    /// Why a folder of checkpoints cannot be locked, and what to do.
    ///
    /// Some network file systems give no locks. There nothing is trained: two processes in one folder would take each
    /// other's half-written files away, and what is lost then is days of work.
    ///
    /// - Parameter code: the `errno` of `flock`.
    /// - Returns: the sentence.
    static func refusal(_ code: Int32) -> String {
        guard code != EWOULDBLOCK else {
            return
                "another voxsite trains into this folder; wait for it, stop it, or set training.checkpoint_dir to "
                + "another one"
        }
        return
            "its file system gives no lock (\(reason(code))), so nothing would keep a second voxsite from training "
            + "into this folder; set training.checkpoint_dir to a folder on a local disk, or mount this one with locks"
    }

    /// The one process that may choose what to train in a folder of runs, and make the run's folder.
    ///
    /// The folder itself is locked, so nothing is left in it. Choosing takes well under a second, so others wait.
    ///
    /// - Parameters:
    ///   - runs: the folder of runs; it must exist.
    ///   - patience: how long others may take.
    /// - Returns: the lock; to be held until the run says of itself what it is.
    /// - Throws: ``TrainerError/training(run:reason:)``, or `CancellationError`.
    static func choosing(in runs: String, patience: Duration = .seconds(60)) async throws -> RunLock {
        let lock = try RunLock(choosingIn: runs)
        let end = ContinuousClock.now + patience
        while flock(lock.descriptor, LOCK_EX | LOCK_NB) != 0 {
            // Some network file systems lock no folders; there the lock of the checkpoints has to do.
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            guard ContinuousClock.now < end else {
                throw TrainerError.training(
                    run: runs,
                    reason:
                        "another voxsite has been choosing its run in this folder for \(patience); end it, or "
                        + "give another folder with --runs"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return lock
    }

    private init(choosingIn runs: String) throws(TrainerError) {
        descriptor = open(runs, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .training(run: runs, reason: "the folder of runs cannot be opened: \(Self.reason(errno))")
        }
    }

    private static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that is just being started shares the descriptor until it runs its program; to close would leave it the
        // lock until then.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

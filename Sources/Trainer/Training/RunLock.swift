import Glibc

/// Keeps two processes from training into one folder of checkpoints; given back when the process ends, however it does.
final class RunLock: Sendable {
    private let descriptor: Int32

    /// - Parameter folder: of the checkpoints.
    /// - Throws: ``TrainerError/training(run:reason:)`` where another process trains into it.
    init(folder: String) throws(TrainerError) {
        let path = "\(folder)/.training.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
            throw .training(run: folder, reason: "no lock can be made in it: \(reason)")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .training(
                run: folder,
                reason:
                    "another voxsite trains into this folder; wait for it, stop it, or set training.checkpoint_dir "
                    + "to another one"
            )
        }
    }

    deinit { close(descriptor) }
}

import Files

/// Keeps two processes from training into one folder of checkpoints; given back when the process ends, however it does.
final class RunLock: Sendable {
    private let file: OpenFile

    /// - Parameter folder: of the checkpoints.
    /// - Throws: ``TrainerError/training(run:reason:)`` where another process trains into it.
    init(folder: String) throws {
        let path = "\(folder)/.training.lock"
        if FileIdentity.find(path) == nil { try AtomicFile.write([], to: path, synchronizing: false) }
        file = try OpenFile.reading(path)
        guard file.tryLock() else {
            throw TrainerError.training(
                run: folder,
                reason:
                    "another voxsite trains into this folder; wait for it, stop it, or set training.checkpoint_dir "
                    + "to another one"
            )
        }
    }
}

import Files

/// The right to train a run: what it begins with, and the lock of where its checkpoints go.
struct RunClaim: Sendable {
    /// What the run begins with.
    let origin: TrainingOrigin
    /// Where its checkpoints go.
    let folder: CheckpointFolder
    private let lock: RunLock

    /// Chooses a run and takes it.
    ///
    /// Which folder is to be locked follows from the choice, and the choice is only sure under the lock: another process
    /// may have saved a later checkpoint, or come to its end, in between. So what was chosen is locked and chosen again,
    /// until both agree.
    ///
    /// - Parameters:
    ///   - place: where the checkpoints of a run go.
    ///   - choose: what to begin with, as the folders are now.
    /// - Returns: the claim; whoever holds it trains the run.
    /// - Throws: ``TrainerError/training(run:reason:)`` where another process trains it, and what `choose` throws.
    static func take(
        place: (String) -> String,
        choose: () throws -> TrainingOrigin
    ) throws -> RunClaim {
        var held: (folder: CheckpointFolder, lock: RunLock)?
        for _ in 0..<16 {
            let origin = try choose()
            let folder = CheckpointFolder(place(origin.run))
            if let held, held.folder.path == folder.path {
                folder.removeHalfWritten()
                return RunClaim(origin: origin, folder: folder, lock: held.lock)
            }
            held = nil
            try folder.prepare()
            held = (folder, try RunLock(folder: folder.path))
        }
        throw TrainerError.training(
            run: held?.folder.path ?? "",
            reason: "other processes begin and end runs faster than one can be chosen; name it with --run-id"
        )
    }
}

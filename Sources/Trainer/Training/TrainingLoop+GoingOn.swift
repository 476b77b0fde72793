import Files
import RunRecords
import TensorCore

/// What comes before the first update: the folder of checkpoints and the log get to say where the run is.
extension TrainingLoop {
    /// Has the next start find the run where this one begins, whenever it is killed.
    ///
    /// Comes once everything is ready, so that a run that cannot go on leaves its folder as it was.
    ///
    /// - Parameter origin: what the run begins with.
    /// - Throws: ``TrainerError``, ``CheckpointFileError``, `RunRecordsError`.
    func settle(_ origin: TrainingOrigin) throws {
        let best = try folder.bestState(of: state.run)
        state.bestWordErrorRate = best?.bestWordErrorRate
        state.bestLoss = best?.bestLoss
        guard case .exact(let checkpoint) = origin.kind else { return }
        guard checkpoint.state?.run == state.run else {
            // A new run that goes on from another one's checkpoint has none of its own yet.
            _ = try save(.step)
            return
        }
        let renamed = try folder.takeBack(to: checkpoint)
        guard !renamed.isEmpty else { return }
        for file in renamed { try writer.checkpointRemoved(path: told(file.old), step: state.step) }
        let names = renamed.map { "\(FileSystem.name(of: $0.old)) is now \(FileSystem.name(of: $0.new))" }
        tell(
            .message(
                "In \(folder.path), \(names.joined(separator: ", ")): the run goes on from step \(state.step), and "
                    + "--resume with a step of them takes it back there"
            )
        )
        if let best, best.step > state.step, let rate = best.bestWordErrorRate {
            let percent = (rate * 1000).rounded() / 10
            tell(
                .message(
                    "\(folder.best) is of step \(best.step) (word error rate \(percent) %) and stays until the run does "
                        + "better"
                )
            )
        }
    }
}

extension CheckpointFolder {
    /// What `best` says of itself.
    ///
    /// It is compared with what a run measures, rather than what a checkpoint remembers: the run may have been taken back,
    /// and the file may be of a step after that, or missing.
    ///
    /// - Parameter run: the run's name.
    /// - Returns: nil where it is missing, damaged, or of another run: any model is better then.
    /// - Throws: ``CheckpointFileError`` where the disk does not give it.
    fileprivate func bestState(of run: String) throws -> TrainingState? {
        guard FileIdentity.find(best) != nil else { return nil }
        do {
            let found = try TrainingCheckpoint(best)
            guard let state = found.state, state.run == run else { return nil }
            try found.verify()
            return state
        } catch let error as CheckpointFileError {
            if case .system = error { throw error }
            return nil
        } catch {
            return nil
        }
    }
}

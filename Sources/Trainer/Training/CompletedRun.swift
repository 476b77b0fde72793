/// A run of the same training that has come to its end: there is nothing to train.
///
/// Thrown by what chooses a run, and no failure: the command that finds it has what it was to make.
struct CompletedRun: Error, Equatable {
    /// The run's name.
    let name: String
    /// Its last checkpoint.
    let checkpoint: String

    /// What is told people about it.
    var message: String { "\(name) is complete (\(checkpoint)); --new begins another" }

    init(name: String, checkpoint: String) { (self.name, self.checkpoint) = (name, checkpoint) }

    /// The run that came to its end in a folder.
    ///
    /// - Parameters:
    ///   - folder: of checkpoints.
    ///   - configuration: of the stage.
    ///   - options: which stage it is, and which run where one is named.
    /// - Returns: nil where `final` is missing, damaged, or of another run, stage or configuration.
    static func find(
        in folder: CheckpointFolder,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> (run: CompletedRun, state: TrainingState)? {
        guard let found = try? TrainingCheckpoint(folder.final), let state = found.state,
            found.isOf(configuration, options), (try? found.verify()) != nil
        else { return nil }
        return (CompletedRun(name: state.run, checkpoint: folder.final), state)
    }
}

extension TrainingCheckpoint {
    /// Whether a run of this stage and configuration wrote it: the one that is named, where one is.
    func isOf(_ configuration: TrainingConfiguration, _ options: TrainingOptions) -> Bool {
        guard let state, state.stage == options.stage, options.runID.map({ $0 == state.run }) ?? true,
            let written = try? self.configuration()
        else { return false }
        return written.isSameTraining(as: configuration)
    }
}

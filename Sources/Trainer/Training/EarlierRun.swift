import Foundation

/// What an earlier attempt at the same training left.
enum EarlierRun {
    /// Nothing.
    case none
    /// The newest checkpoint of a run that is not finished.
    case unfinished(TrainingCheckpoint, TrainingState)
    /// A run without a checkpoint.
    case interrupted(InterruptedRun)
    /// A run that came to its end.
    case complete(CompletedRun)

    /// What the newest run of a stage and configuration left.
    ///
    /// - Parameters:
    ///   - configuration: of the stage.
    ///   - options: which stage it is, where runs are, and which run where one is named.
    /// - Returns: what there is to go on with.
    static func find(_ configuration: TrainingConfiguration, _ options: TrainingOptions) -> EarlierRun {
        let runs = runs(options)
        func interrupted(_ run: String) -> InterruptedRun? {
            guard options.runID.map({ $0 == run }) ?? true else { return nil }
            return InterruptedRun.find(run, configuration, options)
        }
        if let path = configuration.training.checkpointFolder {
            if let found = newest(in: CheckpointFolder(path), configuration, options) { return found }
            return runs.lazy.compactMap(interrupted).first.map(EarlierRun.interrupted) ?? .none
        }
        for run in runs {
            let folder = CheckpointFolder("\(options.runs)/\(run)/checkpoints")
            if let found = newest(in: folder, configuration, options) { return found }
            if let interrupted = interrupted(run) { return .interrupted(interrupted) }
        }
        return .none
    }

    /// What the checkpoints of a folder say that are of this stage and configuration; nil where there is none.
    private static func newest(
        in folder: CheckpointFolder,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> EarlierRun? {
        let complete = CompletedRun.find(in: folder, configuration, options)
        for step in folder.steps() {
            guard let found = try? TrainingCheckpoint(folder.step(step)), let state = found.state,
                found.isOf(configuration, options)
            else { continue }
            if let complete, complete.state.run == state.run, complete.state.step >= state.step { break }
            return .unfinished(found, state)
        }
        return complete.map { .complete($0.run) }
    }

    /// Where checkpoints of a stage may lie, the newest first.
    static func folders(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> [CheckpointFolder] {
        if let path = configuration.training.checkpointFolder { return [CheckpointFolder(path)] }
        return runs(options).map { CheckpointFolder("\(options.runs)/\($0)/checkpoints") }
    }

    /// The runs of a stage, the newest first.
    private static func runs(_ options: TrainingOptions) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: options.runs)) ?? []
        return names.filter { $0.hasPrefix(options.stage + "-") || $0 == options.runID }.sorted(by: >)
    }
}

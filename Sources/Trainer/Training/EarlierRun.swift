import Foundation

/// What an earlier attempt at the same training left.
enum EarlierRun {
    /// Nothing.
    case none
    /// The newest checkpoint of a run that is not finished, and the later ones that cannot be used.
    case unfinished(TrainingCheckpoint, TrainingState, passedOver: [UnusableCheckpoint])
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
    /// - Throws: ``TrainerError/training(run:reason:)`` where there is something, and none of it can be used.
    static func find(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) throws -> EarlierRun {
        let runs = runs(options)
        func interrupted(_ run: String) -> InterruptedRun? {
            guard options.runID.map({ $0 == run }) ?? true else { return nil }
            return InterruptedRun.find(run, configuration, options)
        }
        if let path = configuration.training.checkpointFolder {
            // Whose a file is that cannot be read, its folder does not tell; a run of a new name has none.
            let isOwn = { options.runID.map { InterruptedRun.mayBe($0, configuration, options) } ?? true }
            if let found = try newest(in: CheckpointFolder(path), configuration, options, isOwn: isOwn) {
                return found
            }
            let begun = runs.lazy.compactMap(interrupted).first
            // Another configuration was trained here in between.
            for run in CheckpointFolder(path).runsSetAside() where run > begun?.name ?? "" {
                let folder = CheckpointFolder(path, setAsideOf: run)
                let isOwn = { InterruptedRun.mayBe(run, configuration, options) }
                if let found = try newest(in: folder, configuration, options, isOwn: isOwn) { return found }
            }
            return begun.map(EarlierRun.interrupted) ?? .none
        }
        for run in runs {
            let folder = CheckpointFolder("\(options.runs)/\(run)/checkpoints")
            let isOwn = { InterruptedRun.mayBe(run, configuration, options) }
            if let found = try newest(in: folder, configuration, options, isOwn: isOwn) { return found }
            if let interrupted = interrupted(run) { return .interrupted(interrupted) }
        }
        return .none
    }

    /// What the checkpoints of a folder say that are of this stage and configuration.
    ///
    /// - Returns: nil where there is none.
    /// - Throws: where none can be used at all and `isOwn` says that they may be of this training: to begin anew then
    ///   would hide that days of work are lost.
    private static func newest(
        in folder: CheckpointFolder,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions,
        isOwn: () -> Bool
    ) throws -> EarlierRun? {
        let complete = CompletedRun.find(in: folder, configuration, options)
        var unusable: [UnusableCheckpoint] = []
        var hasUsable = false
        // To go on with an older step of them would take a run back unasked.
        var isNewer: Set<String> = []
        if let last = CompletedRun.ofAnotherConfiguration(in: folder, configuration, options) {
            isNewer.insert(last)
        }
        for step in folder.steps() {
            do {
                let found = try TrainingCheckpoint(folder.step(step))
                guard let state = found.state else {
                    // One whose state's name was hit looks like another program's.
                    try found.verify()
                    continue
                }
                // Whatever cannot be read of it, the run cannot be gone on with.
                _ = try found.configuration()
                guard found.isOf(configuration, options), !isNewer.contains(state.run) else {
                    hasUsable = true
                    isNewer.insert(state.run)
                    continue
                }
                try found.verify()
                if let complete, complete.state.run == state.run, complete.state.step >= state.step { break }
                if let damaged = CompletedRun.damage(in: folder, configuration, options) {
                    unusable.append(damaged)
                }
                return .unfinished(found, state, passedOver: unusable)
            } catch {
                unusable.append(UnusableCheckpoint(step: step, reason: "\(error)"))
            }
        }
        if let complete { return .complete(complete.run) }
        guard !unusable.isEmpty, !hasUsable, isOwn() else { return nil }
        throw TrainerError.training(
            run: folder.path,
            reason:
                "step files are there, and none of them can be used; put one back from a backup, or begin anew "
                + "with --new\n" + unusable.map(\.reason).joined(separator: "\n")
        )
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

import Files
import RunRecords
import TensorCore

/// What a run begins with.
struct TrainingOrigin: Sendable {
    /// How much is taken from a checkpoint.
    enum Kind: Sendable {
        /// Nothing: the front end's published weights, and new ones for the rest.
        case new
        /// The weights of another stage, or of another program.
        case weights(TrainingCheckpoint)
        /// Everything: the run goes on where it was, or a new run goes on from there.
        case exact(TrainingCheckpoint)
    }

    var run: String
    var kind: Kind
    /// What is told people about it.
    var message: String

    /// How many updates were made before.
    var step: Int {
        guard case .exact(let checkpoint) = kind else { return 0 }
        return checkpoint.state?.step ?? 0
    }

    /// Finds out what a run is to begin with.
    ///
    /// - Parameters:
    ///   - configuration: of the stage.
    ///   - options: what else was asked for.
    ///   - newName: what a new run is called.
    /// - Returns: what to begin with.
    /// - Throws: ``CompletedRun`` where nothing is left to train; ``TrainerError/training(run:reason:)`` where the name
    ///   that was asked for is another run's; ``TrainerError``, ``CheckpointFileError``.
    static func find(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions,
        newName: String
    ) throws -> TrainingOrigin {
        let origin = try choose(configuration, options, newName: newName)
        if let asked = options.runID { try requireFree(asked, for: origin, configuration, options) }
        return origin
    }

    /// Fails where a run of the name that was asked for is there and is not the one that is gone on with: its best model
    /// and its history would be written over.
    private static func requireFree(
        _ asked: String,
        for origin: TrainingOrigin,
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) throws {
        if !options.beginsAnew, case .exact(let checkpoint) = origin.kind,
            checkpoint.state?.run == asked
        {
            return
        }
        // One that never had a checkpoint has nothing to lose, and begins again in its folder.
        if InterruptedRun.find(asked, configuration, options) != nil { return }
        let folder = "\(options.runs)/\(asked)"
        let isThere =
            ["run.json", "metrics.jsonl"].contains { FileIdentity.find("\(folder)/\($0)") != nil }
            || EarlierRun.folders(configuration, options).contains { $0.holds(asked) }
        guard !isThere else {
            throw TrainerError.training(
                run: folder,
                reason:
                    "it has a run already, which this command does not go on with\(whyNot(asked, options)); choose "
                    + "another --run-id, or leave it out"
            )
        }
    }

    /// Why a run of the name that was asked for is not gone on with, where that can be told.
    private static func whyNot(_ asked: String, _ options: TrainingOptions) -> String {
        if options.beginsAnew { return " (--new)" }
        if options.takesWeightsOnly { return " (--weights-only)" }
        if let path = options.resumePath { return " (--resume \(path) is of another one)" }
        return ": it is of another stage or configuration, or has no checkpoint left"
    }

    /// Chooses as if the name that was asked for were free.
    private static func choose(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions,
        newName: String
    ) throws -> TrainingOrigin {
        var run = newName
        var again = ""
        if options.resumePath == nil, !options.beginsAnew {
            switch try EarlierRun.find(configuration, options) {
            case .unfinished(let checkpoint, let state, let passedOver):
                if options.takesWeightsOnly { break }
                return TrainingOrigin(
                    run: state.run,
                    kind: .exact(checkpoint),
                    message:
                        "Going on with \(state.run) at step \(state.step) (\(checkpoint.checkpoint.path)); "
                        + "--new begins anew" + Self.text(passedOver, goingOnAt: state.step)
                )
            case .interrupted(let interrupted):
                run = interrupted.name
                again = "\(run) begins again: \(interrupted.reason); --new begins a new run"
            case .complete(let run): throw run
            case .none: break
            }
        }
        guard let path = options.resumePath ?? configuration.training.resumePath else {
            guard !options.takesWeightsOnly else {
                throw TrainerError.training(
                    run: run,
                    reason:
                        "--weights-only takes the weights of a checkpoint, and none is named; name it with --resume or "
                        + "training.resume_from, or leave --weights-only out"
                )
            }
            return TrainingOrigin(
                run: run,
                kind: .new,
                message: again.isEmpty ? "A new run: \(run)" + unlike(configuration, options) : again
            )
        }
        let checkpoint = try TrainingCheckpoint(path)
        try checkpoint.verify()
        guard let state = checkpoint.state else {
            return TrainingOrigin(
                run: run,
                kind: .weights(checkpoint),
                message: (again.isEmpty ? "A new run: \(run)" : again)
                    + "\n\(path): voxsite did not write it, so only its weights are taken; the optimiser is new"
            )
        }
        if options.takesWeightsOnly || state.stage != options.stage {
            let why =
                options.takesWeightsOnly
                ? "as asked" : "it is of \(state.stage), and this is \(options.stage)"
            return TrainingOrigin(
                run: run,
                kind: .weights(checkpoint),
                message: (again.isEmpty ? "A new run: \(run)" : again)
                    + "\nWeights of \(path) (\(state.run), step \(state.step)); the optimiser is new: \(why)"
            )
        }
        // Going on from an earlier step would only make the same model once more.
        let place = CheckpointFolder(
            configuration.training.checkpointFolder ?? "\(options.runs)/\(state.run)/checkpoints"
        )
        if !options.beginsAnew, checkpoint.isOf(configuration, options),
            let complete = CompletedRun.find(in: place, configuration, options),
            complete.run.name == state.run
        {
            var run = complete.run
            run.resumePath = path
            throw run
        }
        let name = options.beginsAnew ? run : options.runID ?? state.run
        return TrainingOrigin(
            run: name,
            kind: .exact(checkpoint),
            message: (name == state.run ? "Going on with" : "A new run: \(name), which goes on from")
                + " \(state.run) at step \(state.step) (\(path))"
        )
    }

    /// What to say of later checkpoints that cannot be used: which they are, why, and what is lost.
    private static func text(_ passedOver: [UnusableCheckpoint], goingOnAt step: Int) -> String {
        guard let last = passedOver.map(\.step).max() else { return "" }
        let lost = last - step
        return passedOver.map { "\nPassed over: \($0.reason)" }.joined()
            + (lost > 0 ? "\nThe \(lost) steps from \(step) to \(last) are made once more" : "")
    }

    /// What to say of an unfinished run that has another configuration: it is not gone on with unasked.
    private static func unlike(_ configuration: TrainingConfiguration, _ options: TrainingOptions) -> String {
        guard !options.beginsAnew, options.runID == nil else { return "" }
        for folder in EarlierRun.folders(configuration, options) {
            guard let step = folder.steps().first, let found = try? TrainingCheckpoint(folder.step(step)),
                let state = found.state, state.stage == options.stage
            else { continue }
            let last = (try? TrainingCheckpoint(folder.final))?.state
            if let last, last.run == state.run, last.step >= state.step { return "" }
            // A new run that writes into the same folder sets these files aside.
            let later =
                configuration.training.checkpointFolder == nil
                ? folder : CheckpointFolder(folder.path, setAsideOf: state.run)
            return
                "\n\(state.run) is not finished, and its configuration is another one; to go on with it: --resume "
                + later.step(step)
        }
        return ""
    }

    /// What a new run is called: as asked, else `stage1-20251210-173005`, in universal time.
    ///
    /// - Parameters:
    ///   - options: which stage it is, and where runs are.
    ///   - now: seconds since 1970.
    /// - Returns: a name that no run has, unless it was asked for; of two runs of one second the later ends in `-2`.
    /// - Throws: `RunRecordsError.invalidRunID`.
    static func newName(_ options: TrainingOptions, now: Double) throws -> String {
        if let asked = options.runID { return try RunID(validating: asked).string }
        let name = "\(options.stage)-\(CalendarText.text(now, "%Y%m%d-%H%M%S", .universal))"
        let free = (1...1_000).lazy.map { $0 == 1 ? name : "\(name)-\($0)" }
            .first { FileIdentity.find("\(options.runs)/\($0)") == nil }
        return try RunID(validating: free ?? name).string
    }
}

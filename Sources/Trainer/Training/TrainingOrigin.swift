import Files
import Foundation
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
        /// Everything: the run goes on where it was.
        case exact(TrainingCheckpoint)
    }

    var run: String
    var kind: Kind
    /// What is told people about it.
    var message: String

    /// Finds out what a run is to begin with.
    ///
    /// - Parameters:
    ///   - configuration: of the stage.
    ///   - options: what else was asked for.
    ///   - now: seconds since 1970, for a new name.
    /// - Returns: what to begin with.
    /// - Throws: ``TrainerError``, ``CheckpointFileError``.
    static func find(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions,
        now: Double
    ) throws -> TrainingOrigin {
        let fresh = try RunID(validating: options.runID ?? name(of: options.stage, now: now)).string
        let path = options.resumePath ?? configuration.training.resumePath
        if options.resumePath == nil, !options.beginsAnew, !options.takesWeightsOnly,
            let unfinished = unfinished(configuration, options), let state = unfinished.state
        {
            return TrainingOrigin(
                run: state.run,
                kind: .exact(unfinished),
                message: "Going on with \(state.run) at step \(state.step) (\(unfinished.checkpoint.path)); "
                    + "--new begins anew"
            )
        }
        guard let path else {
            return TrainingOrigin(
                run: fresh,
                kind: .new,
                message: "A new run: \(fresh)" + unlike(configuration, options)
            )
        }
        let checkpoint = try TrainingCheckpoint(path)
        guard let state = checkpoint.state else {
            return TrainingOrigin(
                run: fresh,
                kind: .weights(checkpoint),
                message:
                    "\(path): voxsite did not write it, so only its weights are taken; the optimiser is new"
            )
        }
        if options.takesWeightsOnly || state.stage != options.stage {
            let why =
                options.takesWeightsOnly
                ? "as asked" : "it is of \(state.stage), and this is \(options.stage)"
            return TrainingOrigin(
                run: fresh,
                kind: .weights(checkpoint),
                message: "Weights of \(path) (\(state.run), step \(state.step)); the optimiser is new: \(why)"
            )
        }
        return TrainingOrigin(
            run: options.runID ?? state.run,
            kind: .exact(checkpoint),
            message: "Going on with \(state.run) at step \(state.step) (\(path))"
        )
    }

    /// The newest checkpoint of a run of this stage and configuration that is not finished.
    private static func unfinished(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> TrainingCheckpoint? {
        for folder in folders(configuration, options) {
            for step in folder.steps() {
                guard let found = try? TrainingCheckpoint(folder.step(step)), let state = found.state,
                    state.stage == options.stage, options.runID.map({ $0 == state.run }) ?? true,
                    let written = try? found.configuration(), written.isSameTraining(as: configuration)
                else { continue }
                let last = (try? TrainingCheckpoint(folder.final))?.state
                if let last, last.run == state.run, last.step >= state.step { return nil }
                return found
            }
        }
        return nil
    }

    /// What to say of an unfinished run that has another configuration: it is not gone on with unasked.
    private static func unlike(_ configuration: TrainingConfiguration, _ options: TrainingOptions) -> String {
        guard !options.beginsAnew, options.runID == nil else { return "" }
        for folder in folders(configuration, options) {
            guard let step = folder.steps().first, let found = try? TrainingCheckpoint(folder.step(step)),
                let state = found.state, state.stage == options.stage
            else { continue }
            let last = (try? TrainingCheckpoint(folder.final))?.state
            if let last, last.run == state.run, last.step >= state.step { return "" }
            return
                "\n\(state.run) is not finished, and its configuration is another one; to go on with it: --resume "
                + folder.step(step)
        }
        return ""
    }

    /// Where checkpoints of this stage may lie, the newest first.
    private static func folders(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) -> [CheckpointFolder] {
        if let path = configuration.training.checkpointFolder { return [CheckpointFolder(path)] }
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: options.runs)) ?? []
        return runs.filter { $0.hasPrefix(options.stage + "-") || $0 == options.runID }.sorted(by: >)
            .map { CheckpointFolder("\(options.runs)/\($0)/checkpoints") }
    }

    /// `stage1-20251210-173005`, in universal time.
    private static func name(of stage: String, now: Double) -> String {
        "\(stage)-\(CalendarText.text(now, "%Y%m%d-%H%M%S", .universal))"
    }
}

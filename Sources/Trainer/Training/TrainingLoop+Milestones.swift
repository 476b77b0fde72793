import Files
import RunRecords
import TensorCore

/// What happens between updates: lines of metrics, evaluations, checkpoints, ends of epochs.
extension TrainingLoop {
    /// How far the run is.
    func progress(_ loss: Double) -> TrainingProgress {
        TrainingProgress(
            epoch: state.epoch,
            epochCount: settings.epochCount,
            step: state.step,
            totalSteps: totalSteps,
            loss: loss,
            stepsPerSecond: meter.recentRate
        )
    }

    /// Says what of the corpora was left out when they were read; nothing where that is nothing.
    func logLeftOut() throws {
        for (key, corpus) in [("data.train_data", setup.training), ("data.eval_data", setup.evaluation)]
        where corpus.skipped.total > 0 {
            let total = corpus.utterances.count + corpus.skipped.total
            try writer.alert(
                "\(corpus.skipped.total) of \(total) utterances left out of \(key)",
                text: corpus.skipped.lines.joined(separator: "\n"),
                step: state.step
            )
        }
        for (key, text) in setup.remarks {
            try writer.alert("Unknown characters in \(key)", text: text, step: state.step)
        }
    }

    /// Writes a line of metrics: means since the last one.
    ///
    /// - Parameters:
    ///   - learningRate: of the update at hand.
    ///   - gradientNorm: of the update at hand.
    /// - Throws: `RunRecordsError`.
    func log(learningRate: Double, gradientNorm: Double) throws {
        let means = state.windowSums.means
        state.windowSums = LossSums()
        var metrics = [
            ("train/loss", means.loss), ("train/ctc_loss", means.ctcLoss),
            ("train/ce_loss", means.crossEntropyLoss), ("train/learning_rate", learningRate),
            ("train/grad_norm", gradientNorm),
        ]
        metrics += meter.metrics()
        // What could not be loaded in this epoch is counted with what was left out of the corpus.
        let skippedCount = setup.training.skipped.total + (state.epochUnreadCount ?? 0)
        if skippedCount > 0 { metrics.append(("data/skipped_utterances", Double(skippedCount))) }
        let damagedCount = setup.features?.statistics.damaged ?? 0
        if damagedCount > 0 { metrics.append(("data/features_damaged", Double(damagedCount))) }
        if state.badStepCount > 0 { metrics.append(("train/bad_steps", Double(state.badStepCount))) }
        try writer.metrics(metrics, step: state.step, epoch: Double(state.epoch))
    }

    /// Measures recognition, and keeps the model where it is the best so far.
    ///
    /// - Parameter isComplete: whether everything is measured, whatever `max_utterances` says.
    /// - Returns: whether it came to its end rather than being asked to stop.
    /// - Throws: what loading, the model and the log throw.
    func evaluate(isComplete: Bool) async throws -> Bool {
        meter.pause()
        defer { meter.resume() }
        let stop = stop
        guard
            let result = try await evaluation.run(
                features,
                weights: weights.weights(atUpdate: state.step),
                isComplete: isComplete,
                isStopped: { stop.isRequested }
            )
        else { return false }
        try tellUnread(result.unread, of: "data.eval_data")
        try tellFullFeatureCache()
        guard result.utteranceCount > 0 else {
            throw TrainerError.training(
                run: state.run,
                reason: "no recording of data.eval_data could be read; put them back or name others"
            )
        }
        try writer.evaluation(
            step: state.step,
            epoch: Double(state.epoch),
            scores: result.scores,
            samples: result.samples
        )
        state.evaluatedStep = state.step
        let rate = result.wordErrorRate ?? .infinity
        let loss = result.losses.means.loss
        tell(.message("Step \(state.step): \(Self.text(result))"))
        // Of equal error rates the lower loss is the better one: in the first evaluations all are 100 %.
        guard rate.isFinite, loss.isFinite else { return true }
        // A lucky part of the corpus, or what is left of it when its disk is gone, chooses nothing.
        let isWhole = isComplete || setup.configuration.evaluation.maximumUtteranceCount == nil
        let unreadCount = result.skippedCount
        guard isWhole, !UnreadLimit.isExceeded(unreadCount, of: unreadCount + result.utteranceCount)
        else { return true }
        // Equal to the best is the step of the best once more: a kill may have kept its line from the log.
        let isBest =
            (rate, loss) <= (state.bestWordErrorRate ?? .infinity, state.bestLoss ?? .infinity)
            || state.bestWordErrorRate == nil
        guard isBest else { return true }
        state.bestWordErrorRate = rate
        state.bestLoss = loss
        _ = try save(.best)
        return true
    }

    /// Makes up for the evaluation of the step that a run goes on from, where it was broken off.
    ///
    /// It uses no chance, so what follows is what would have followed. At the end of an epoch ``finishEpoch()`` measures.
    ///
    /// - Parameter plan: of the epoch at hand.
    /// - Returns: whether nothing is missing now; not where it was asked to stop.
    /// - Throws: what ``evaluate(isComplete:)`` throws.
    func makeUpEvaluation(_ plan: BatchPlan) async throws -> Bool {
        guard let interval = settings.evaluationInterval, state.step > 0, state.step.isMultiple(of: interval),
            state.evaluatedStep != state.step, state.batch < plan.batches.count, state.step < totalSteps
        else { return true }
        tell(.message("The evaluation of step \(state.step) was broken off; it comes first"))
        return try await evaluate(isComplete: false)
    }

    /// Writes the epoch's line, and measures on everything.
    ///
    /// - Returns: whether it came to its end rather than being asked to stop.
    func finishEpoch() async throws -> Bool {
        let means = state.epochSums.means
        let rate = Double(schedule.rate(at: max(0, state.step - 1)))
        try writer.epoch(
            state.epoch,
            step: state.step,
            averages: [
                ("avg_loss", means.loss), ("ctc_loss", means.ctcLoss), ("ce_loss", means.crossEntropyLoss),
                ("learning_rate", rate),
            ]
        )
        try EpochHistory(folder: folder.path).add(
            epoch: state.epoch,
            state.epochSums,
            learningRate: rate,
            time: writer.time
        )
        guard try await evaluate(isComplete: true) else { return false }
        state.epochSums = LossSums()
        state.epochUnreadCount = nil
        state.epoch += 1
        state.batch = 0
        if state.step < totalSteps, state.epoch < settings.epochCount { _ = try save(.step) }
        return true
    }

    /// Writes a checkpoint, and says so in the log.
    ///
    /// - Parameter kind: which one.
    /// - Returns: its path.
    /// - Throws: ``CheckpointFileError``, where a disk is full for example: the one before is as it was.
    func save(_ kind: RunLogWriter.CheckpointKind) throws -> String {
        meter.pause()
        defer { meter.resume() }
        let path = try write(kind)
        try report(path, kind)
        return path
    }

    /// Writes a checkpoint without a word in the log.
    private func write(_ kind: RunLogWriter.CheckpointKind) throws -> String {
        let path =
            switch kind {
            case .best: folder.best
            case .final: folder.final
            case .step: folder.step(state.step)
            }
        try TrainingCheckpoint.write(
            setup.model,
            optimizer: kind == .step ? setup.optimizer : nil,
            state: state,
            TrainingCheckpoint.Description(
                configuration: setup.configuration,
                frontEnd: setup.model.configuration.wavLM,
                tokenizer: setup.tokenizerFile
            ),
            to: path
        )
        return path
    }

    /// Says in the log that a checkpoint was written, and removes what it takes the place of.
    private func report(_ path: String, _ kind: RunLogWriter.CheckpointKind) throws {
        try writer.checkpoint(
            path: told(path),
            bytes: FileIdentity.find(path)?.size ?? 0,
            kind: kind,
            sha256: try Checkpoint.sha256(ofFile: path),
            step: state.step,
            epoch: Double(state.epoch)
        )
        if kind == .step {
            let removed = folder.prune(state.run, keeping: settings.keptCheckpointCount, written: state.step)
            for path in removed { try writer.checkpointRemoved(path: told(path), step: state.step) }
        }
    }

    /// Saves the last update where the run cannot go on, whether the log can still be written or not.
    ///
    /// - Returns: what to say of it.
    func keepLastUpdate() -> String {
        guard state.step > 0 else { return "no update was made yet" }
        do {
            let path = try write(.step)
            try? report(path, .step)
            return "\(path) is kept: the same command goes on with it (without --resume or --new)"
        } catch {
            return "the checkpoints before are kept; saving one more failed: \(error)"
        }
    }

    /// A path as the log tells it: below the run's folder where it is.
    func told(_ path: String) -> String {
        let own = writer.folder + "/"
        return path.hasPrefix(own) ? String(path.dropFirst(own.count)) : absolute(path)
    }

    /// A path that means the same to whoever reads the log elsewhere on this machine.
    private func absolute(_ path: String) -> String {
        (try? FileSystem.resolve(FileSystem.folder(of: path))).map { "\($0)/\(FileSystem.name(of: path))" }
            ?? path
    }

    private static func text(_ result: Evaluation.Result) -> String {
        func percent(_ errors: RecognitionErrors?) -> String? {
            errors?.words.rate.map { "\(($0 * 1000).rounded() / 10) %" }
        }
        let rates = [("CTC", percent(result.ctc)), ("decoder", percent(result.decoder))]
            .compactMap { name, rate in rate.map { "\(name) \($0)" } }
        let loss = (result.losses.means.loss * 1000).rounded() / 1000
        return "word error rate \(rates.joined(separator: ", ")); loss \(loss)"
    }
}

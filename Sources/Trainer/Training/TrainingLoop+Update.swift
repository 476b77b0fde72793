import RunRecords
import TensorCore

/// One update of the weights: from its batches to what is due behind it.
extension TrainingLoop {
    /// What an update has gathered so far.
    struct PendingUpdate {
        /// The first position of the plan behind its batches.
        let end: Int
        /// How many batches the plan has for it.
        let plannedCount: Int
        /// The running statistics before it: a batch that is no numbers must leave no trace in them.
        let buffers: [Tensor]
        var sums = LossSums()
        /// How many batches there really were: of some nothing can be read.
        var batchCount = 0
        var audioSeconds = 0.0
        var isFinite = true

        /// What makes the sums over the planned batches means over those that were there.
        var correction: Double { Double(plannedCount) / Double(max(1, batchCount)) }
    }

    /// An update that has gathered nothing yet.
    ///
    /// - Parameters:
    ///   - position: of one of its batches.
    ///   - plan: of the epoch at hand.
    /// - Returns: the update, up to the first batch of the next one.
    func begin(_ position: Int, _ plan: BatchPlan) -> PendingUpdate {
        let accumulation = settings.gradientAccumulationSteps
        let first = position / accumulation * accumulation
        let end = min(first + accumulation, plan.batches.count)
        return PendingUpdate(
            end: end,
            plannedCount: end - first,
            buffers: setup.model.buffers.map(\.value)
        )
    }

    /// Adds the derivatives of one batch.
    func accumulate(_ batch: TrainingBatch, into open: inout PendingUpdate) throws {
        let context = ForwardContext(
            isTraining: true,
            random: random,
            dropout: Float(setup.configuration.model.dropout)
        )
        if setup.features != nil {
            let (read, computed) = (batch.features?.rows.count ?? 0, batch.waveforms?.rows.count ?? 0)
            meter.count(featuresRead: read, computed: computed)
        }
        let found = try features(batch)
        let heard = try setup.model.encode(found, context, masks: try masks(batch, found))
        let values = try loss(setup.model, heard, TokenBatch(batch.items.map(\.targets)), context)
        let pair = weights.weights(atUpdate: state.step)
        let total = try values.total(pair)
        let share = 1 / Double(open.plannedCount)
        open.batchCount += 1
        let (ctc, crossEntropy) = (
            Double(try values.connectionist.item()), Double(try values.crossEntropy.item())
        )
        open.sums.loss += share * pair.total(ctc: ctc, crossEntropy: crossEntropy)
        open.sums.ctcLoss += share * ctc
        open.sums.crossEntropyLoss += share * crossEntropy
        open.audioSeconds += batch.totalSeconds
        guard ctc.isFinite, crossEntropy.isFinite else {
            open.isFinite = false
            return
        }
        try total.scaled(by: Float(share)).backward()
    }

    /// Stripes of features and time that are hidden.
    private func masks(
        _ batch: TrainingBatch,
        _ found: FrontEndFeatures
    ) throws -> (frames: Tensor, features: Tensor)? {
        guard let augment, let shape = found.layers.first?.shape else { return nil }
        let masks = batch.items.enumerated().map { row, item in
            augment.mask(
                frameCount: found.lengths?[row] ?? shape[1],
                featureCount: shape[2],
                seed: seed,
                epoch: batch.epoch,
                id: item.utterance.id
            )
        }
        return (
            try Tensor(masks.flatMap { $0.frameFactors(count: shape[1]) }, [shape[0], shape[1], 1]),
            try Tensor(masks.flatMap { $0.featureFactors(count: shape[2]) }, [shape[0], 1, shape[2]])
        )
    }

    /// Changes the weights, and does what is due after so many steps.
    func finish(_ open: PendingUpdate, _ plan: BatchPlan) async throws {
        var open = open
        let correction = open.correction
        open.sums.count = 1
        open.sums.loss *= correction
        open.sums.ctcLoss *= correction
        open.sums.crossEntropyLoss *= correction
        let gradientNorm = open.isFinite ? try setup.optimizer.gradientNorm() : .nan
        let norm = correction * gradientNorm
        let rate = schedule.rate(at: state.step)
        state.batch = open.end
        guard norm.isFinite else {
            try takeBack(open)
            state.randomPosition = random.position
            return try noteBadStep()
        }
        try setup.optimizer.step(
            learningRate: rate,
            maximumNorm: settings.maximumGradientNorm,
            norm: gradientNorm,
            gradientScale: correction
        )
        try setup.optimizer.clearGradients()
        state.badStepsInRow = 0
        state.step += 1
        state.randomPosition = random.position
        state.epochSums.add(open.sums)
        state.windowSums.add(open.sums)
        meter.count(audioSeconds: open.audioSeconds)
        tell(.progress(progress(open.sums.loss)))
        if state.step.isMultiple(of: settings.logInterval) {
            try log(learningRate: Double(rate), gradientNorm: norm)
        }
        try tellFullFeatureCache()
        // At the end of an epoch everything is measured anyway.
        let endsEpoch = state.batch >= plan.batches.count || state.step >= totalSteps
        if let interval = settings.evaluationInterval, state.step.isMultiple(of: interval), !endsEpoch {
            _ = try await evaluate(isComplete: false)
        }
        if state.step.isMultiple(of: settings.saveInterval), !endsEpoch { _ = try save(.step) }
    }

    /// Undoes what an update has left in the model before it came to its end.
    func takeBack(_ open: PendingUpdate) throws {
        try setup.optimizer.clearGradients()
        for (buffer, value) in zip(setup.model.buffers, open.buffers) { buffer.value = value }
    }

    /// A loss or a derivative was infinite: the weights stay, and too many in a row end the run.
    private func noteBadStep() throws {
        state.badStepCount += 1
        state.badStepsInRow += 1
        try writer.alert(
            "update left out",
            text:
                "a loss or a derivative was not finite at step \(state.step), batch \(state.batch) of epoch "
                + "\(state.epoch + 1); \(state.badStepCount) so far",
            step: state.step
        )
        guard state.badStepsInRow < settings.maximumBadSteps else {
            throw TrainerError.training(
                run: state.run,
                reason:
                    "\(state.badStepsInRow) updates in a row had an infinite loss or derivative at step \(state.step); "
                    + "the checkpoints before are kept: lower training.learning_rate or training.max_grad_norm and go on "
                    + "from one of them"
            )
        }
    }
}

import RunRecords
import TensorCore

/// Goes through epochs, batches and updates; belongs to one task.
final class TrainingLoop {
    let setup: TrainingSetup
    let folder: CheckpointFolder
    let writer: RunLogWriter
    let stop: TrainingStop
    let tell: @Sendable (TrainingEvent) -> Void
    /// Where the run is.
    var state: TrainingState
    /// How many updates the whole run has.
    let totalSteps: Int
    /// How many the first epoch has; others may have a few more or less.
    let stepsPerEpoch: Int

    let schedule: LearningRateSchedule
    let weights: LossWeights
    let loss: HybridLoss
    let features: BatchFeatures
    let evaluation: Evaluation
    var meter: StepMeter
    private let random: RandomStream
    private let augment: SpecAugment?
    private let loader: BatchLoader
    private let speed: SpeedPerturbation?

    private var settings: TrainingSettings { setup.configuration.training }
    private var seed: UInt64 { UInt64(settings.seed) }

    init(
        _ setup: TrainingSetup,
        _ folder: CheckpointFolder,
        _ writer: RunLogWriter,
        _ stop: TrainingStop,
        _ tell: @escaping @Sendable (TrainingEvent) -> Void
    ) {
        let configuration = setup.configuration
        let settings = configuration.training
        (self.setup, self.folder, self.writer, self.stop, self.tell) = (setup, folder, writer, stop, tell)
        state = setup.state
        let speed =
            configuration.data.perturbsSpeed
            ? SpeedPerturbation(
                seed: UInt64(settings.seed),
                maximumSeconds: configuration.data.maximumSeconds
            ) : nil
        self.speed = speed
        let limits = BatchLimits(configuration)
        func updates(in epoch: Int) -> Int {
            let plan = BatchPlan(
                setup.training,
                limits: limits,
                seed: UInt64(settings.seed),
                epoch: epoch,
                speed: speed
            )
            return Self.groupCount(plan.batches.count, settings.gradientAccumulationSteps)
        }
        let most = settings.maximumSteps ?? .max
        stepsPerEpoch = updates(in: 0)
        var steps = 0
        for epoch in 0..<settings.epochCount where steps < most { steps += updates(in: epoch) }
        totalSteps = min(most, steps)
        schedule = LearningRateSchedule(
            peak: Float(settings.learningRate),
            warmUpSteps: settings.warmUpSteps,
            totalSteps: totalSteps
        )
        weights = configuration.lossWeights
        loss = HybridLoss(smoothing: .standard(Float(configuration.loss.labelSmoothing)))
        features = BatchFeatures(model: setup.model, cache: setup.features)
        random = RandomStream(seed: UInt64(settings.seed), position: setup.state.randomPosition)
        augment = SpecAugment(configuration.data)
        let tokenizer = setup.tokenizer
        func loader(_ corpus: Corpus) -> BatchLoader {
            BatchLoader(
                corpus,
                maximumSeconds: configuration.data.maximumSeconds,
                workerCount: configuration.data.workerCount,
                features: setup.features
            ) { (try? tokenizer.encode($0)) ?? [] }
        }
        self.loader = loader(setup.training)
        evaluation = Evaluation(
            settings: configuration.evaluation,
            corpus: setup.evaluation,
            loader: loader(setup.evaluation),
            limits: limits,
            tokenizer: tokenizer,
            loss: loss
        )
        meter = StepMeter(folder: folder.path)
    }

    /// How many updates so many batches make.
    static func groupCount(_ batches: Int, _ accumulation: Int) -> Int {
        (batches + accumulation - 1) / accumulation
    }

    /// Trains to the end, or until it is asked to stop.
    func run() async throws -> TrainingOutcome {
        try logLeftOut()
        // An epoch whose last update was saved just before its end is ended first.
        while state.epoch < settings.epochCount, state.step < totalSteps || state.batch > 0 {
            let plan = BatchPlan(
                setup.training,
                limits: BatchLimits(setup.configuration),
                seed: seed,
                epoch: state.epoch,
                speed: speed
            )
            let isMeasured = try await makeUpEvaluation(plan)
            let isWhole =
                if isMeasured {
                    try await loader.withBatches(of: plan, from: state.batch) { batches in
                        try await go(through: &batches, plan)
                    }
                } else { false }
            // Broken off in its last evaluation, an epoch is ended once more when the run goes on.
            let isEnded = if isWhole { try await finishEpoch() } else { false }
            guard isEnded else {
                let path = try save(.step)
                try writer.status(.stopped, message: "stopped on request; \(path) is kept", step: state.step)
                return .stopped(step: state.step, checkpoint: path)
            }
        }
        let path = try save(.final)
        try writer.status(.completed, step: state.step)
        return .completed(checkpoint: path)
    }

    /// Makes the updates of what is left of an epoch.
    ///
    /// - Returns: whether it came to the end rather than being asked to stop.
    private func go(through batches: inout BatchSequence, _ plan: BatchPlan) async throws -> Bool {
        let accumulation = settings.gradientAccumulationSteps
        var update: PendingUpdate?
        meter.resume()
        while state.step < totalSteps {
            let batch = try await batches.next()
            meter.secondsWaited = batches.secondsWaited
            // A batch of which nothing could be read is missing, so an update ends where the next group begins.
            if let open = update, batch.map({ $0.position / accumulation != open.group }) ?? true {
                update = nil
                try await finish(open, plan, skipped: batches.skipped)
                if stop.isRequested { return false }
            }
            guard let batch else { break }
            var open = update ?? begin(batch.position / accumulation, plan)
            try accumulate(batch, into: &open)
            update = open
        }
        guard state.epochSums.count > 0 || state.badStepCount > 0 else {
            throw TrainerError.training(
                run: state.run,
                reason:
                    "no recording of data.train_data could be read in epoch \(state.epoch); see that its disk is "
                    + "there\n\(batches.skipped.lines.joined(separator: "\n"))"
            )
        }
        return true
    }

    /// What an update has gathered so far.
    struct PendingUpdate {
        let group: Int
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

    private func begin(_ group: Int, _ plan: BatchPlan) -> PendingUpdate {
        let accumulation = settings.gradientAccumulationSteps
        return PendingUpdate(
            group: group,
            plannedCount: max(1, min(accumulation, plan.batches.count - group * accumulation)),
            buffers: setup.model.buffers.map(\.value)
        )
    }

    /// Adds the derivatives of one batch.
    private func accumulate(_ batch: TrainingBatch, into open: inout PendingUpdate) throws {
        let context = ForwardContext(
            isTraining: true,
            random: random,
            dropout: Float(setup.configuration.model.dropout)
        )
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
    private func finish(_ open: PendingUpdate, _ plan: BatchPlan, skipped: SkipTally) async throws {
        var open = open
        let correction = open.correction
        open.sums.count = 1
        open.sums.loss *= correction
        open.sums.ctcLoss *= correction
        open.sums.crossEntropyLoss *= correction
        let gradientNorm = open.isFinite ? try setup.optimizer.gradientNorm() : .nan
        let norm = correction * gradientNorm
        let rate = schedule.rate(at: state.step)
        state.batch = min(plan.batches.count, (open.group + 1) * settings.gradientAccumulationSteps)
        guard norm.isFinite else {
            try setup.optimizer.clearGradients()
            for (buffer, value) in zip(setup.model.buffers, open.buffers) { buffer.value = value }
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
            try log(learningRate: Double(rate), gradientNorm: norm, skipped: skipped)
        }
        // At the end of an epoch everything is measured anyway.
        let endsEpoch = state.batch >= plan.batches.count || state.step >= totalSteps
        if let interval = settings.evaluationInterval, state.step.isMultiple(of: interval), !endsEpoch {
            _ = try await evaluate(isComplete: false)
        }
        if state.step.isMultiple(of: settings.saveInterval), !endsEpoch { _ = try save(.step) }
    }

    /// A loss or a derivative was infinite: the weights stay, and too many in a row end the run.
    private func noteBadStep() throws {
        state.badStepCount += 1
        state.badStepsInRow += 1
        try writer.alert(
            "update left out",
            text:
                "a loss or a derivative was not finite at step \(state.step), batch \(state.batch) of epoch "
                + "\(state.epoch); \(state.badStepCount) so far",
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

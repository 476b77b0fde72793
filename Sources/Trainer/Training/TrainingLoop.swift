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
    let random: RandomStream
    let augment: SpecAugment?
    /// What people have been told already.
    var notices = TrainingNotices()
    private let loader: BatchLoader

    var settings: TrainingSettings { setup.configuration.training }
    var seed: UInt64 { UInt64(settings.seed) }

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
        // An epoch may begin anew where its corpus has changed.
        if state.batch == 0 { state.epochUnreadCount = nil }
        func updates(in epoch: Int) -> Int {
            Self.groupCount(Self.plan(setup, epoch: epoch).batches.count, settings.gradientAccumulationSteps)
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
            limits: BatchLimits(configuration),
            tokenizer: tokenizer,
            loss: loss
        )
        meter = StepMeter(folder: folder.path)
    }

    /// The batches of an epoch: the same whenever they are asked for.
    private static func plan(_ setup: TrainingSetup, epoch: Int) -> BatchPlan {
        let configuration = setup.configuration
        let seed = UInt64(configuration.training.seed)
        return BatchPlan(
            setup.training,
            limits: BatchLimits(configuration),
            seed: seed,
            epoch: epoch,
            speed: configuration.data.perturbsSpeed
                ? SpeedPerturbation(seed: seed, maximumSeconds: configuration.data.maximumSeconds) : nil
        )
    }

    /// How many updates so many batches make.
    static func groupCount(_ batches: Int, _ accumulation: Int) -> Int {
        (batches + accumulation - 1) / accumulation
    }

    /// Trains to the end, or until it is asked to stop.
    func run() async throws -> TrainingOutcome {
        try logLeftOut()
        tellUnusedPrecision()
        // An epoch whose last update was saved just before its end is ended first.
        while state.epoch < settings.epochCount, state.step < totalSteps || state.batch > 0 {
            let plan = Self.plan(setup, epoch: state.epoch)
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
    /// - Throws: ``TrainerError/training(run:reason:)`` as soon as it is certain that too much of the epoch cannot be read.
    private func go(through batches: inout BatchSequence, _ plan: BatchPlan) async throws -> Bool {
        let plannedCount = plan.batches.reduce(0) { $0 + $1.count }
        var unreadCount = state.epochUnreadCount ?? 0
        var update: PendingUpdate?
        meter.resume()
        while state.step < totalSteps, let planned = try await batches.nextPlanned() {
            meter.secondsWaited = batches.secondsWaited
            unreadCount += planned.unread.count
            if UnreadLimit.endsTraining(unreadCount, of: plannedCount) {
                if let update { try takeBack(update) }
                throw tooMuchIsUnread(unreadCount, of: plannedCount, batches.skipped)
            }
            var open = update ?? begin(planned.position, plan)
            if let batch = planned.batch { try accumulate(batch, into: &open) }
            update = open
            guard planned.position + 1 == open.end else { continue }
            update = nil
            // What nothing could be read of is no update: a run that goes on from here tries it once more.
            if open.batchCount > 0 {
                state.epochUnreadCount = unreadCount
                try await finish(open, plan)
            }
            if stop.isRequested {
                try tellUnread(batches.unread, of: "data.train_data")
                return false
            }
        }
        try tellUnread(batches.unread, of: "data.train_data")
        return true
    }
}

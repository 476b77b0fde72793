import Glibc
public import RunRecords

/// A small, real training run, to watch a dashboard with: SGD on a small regression problem.
///
/// A network of one hidden layer learns a noisy function of four numbers by stochastic gradient descent with
/// momentum, warm-up, a cosine schedule and weight decay. Nothing is made up: losses, gradient norms,
/// validation errors, speed, load and memory are measured, and checkpoints are files one can load. It is no
/// speech recogniser and says so wherever it is named. The same seed gives the same losses.
public struct RegressionRun: Sendable {
    /// How a run ended.
    public enum Outcome: Sendable, Equatable {
        /// All steps were done.
        case completed
        /// Cancelled after so many steps; the log says `stopped` and the best checkpoint is kept.
        case stopped(step: Int)
    }

    /// What the run is called wherever people see it.
    public static let name = "SGD on a small regression problem"

    /// The settings.
    public let configuration: RegressionConfiguration

    /// Plans a run.
    ///
    /// - Parameter configuration: The settings.
    public init(configuration: RegressionConfiguration = RegressionConfiguration()) {
        precondition(
            configuration.epochs > 0 && configuration.stepsPerEpoch > 0 && configuration.batchSize > 0
                && configuration.hiddenUnits > 0 && configuration.validationExamples > 0
                && configuration.stepsPerLine > 0 && configuration.warmupSteps >= 0,
            "A run needs at least one epoch, step, example, unit and line"
        )
        self.configuration = configuration
    }

    /// Trains from the first step to the last, at the configured pace.
    ///
    /// - Parameters:
    ///   - writer: Receives `run.json`, the log and the checkpoints.
    ///   - clock: What the pace and the speed are measured with.
    /// - Returns: Whether it went through or was cancelled.
    /// - Throws: `RunRecordsError.write` when the log cannot be written. A cancelled task is no error.
    @concurrent
    @discardableResult
    public func run(
        writer: RunLogWriter,
        clock: some Clock<Duration> = ContinuousClock()
    ) async throws -> Outcome {
        try writer.describe(description(id: writer.id, started: writer.time))
        try writer.status(.running, message: Self.name)
        var training = RegressionTraining(configuration)
        do {
            try await train(&training, writer, clock)
            try writer.writeCheckpoint(
                Safetensors.bytes(of: training.network),
                named: "final.safetensors",
                kind: .final,
                step: training.step
            )
            try writer.status(.completed, step: training.step)
            return .completed
        } catch is CancellationError {
            try writer.status(.stopped, message: "stopped on request", step: training.step)
            return .stopped(step: training.step)
        } catch {
            // The log may be what failed; the first error is the one to report.
            try? writer.status(.error(message: "\(error)"), step: training.step)
            throw error
        }
    }

    /// What `run.json` says.
    func description(id: RunID, started: Double) -> RunDescription {
        RunDescription(
            id: id,
            name: Self.name,
            engine: "demo",
            stage: "regression",
            started: started,
            totalEpochs: configuration.epochs,
            stepsPerEpoch: configuration.stepsPerEpoch,
            host: Self.hostName.map { RunDescription.Host(name: $0) },
            configuration: configuration.members,
            tags: ["demo", "regression"],
            notes:
                "A real computation on this machine's processor, there to show the dashboard: a small network "
                + "learns a noisy function of four numbers. It is not a speech recogniser."
        )
    }

    private func train<C: Clock<Duration>>(
        _ training: inout RegressionTraining,
        _ writer: RunLogWriter,
        _ clock: C
    ) async throws {
        var meter = StepMeter(configuration, clock: clock)
        for epoch in 0..<configuration.epochs {
            training.shuffle()
            var lossOfEpoch = 0.0
            for _ in 0..<configuration.stepsPerEpoch {
                try await meter.pause(beforeStep: training.step)
                let result = training.takeStep()
                lossOfEpoch += result.loss
                if let metrics = meter.metrics(after: result, step: training.step) {
                    try writer.metrics(metrics, step: training.step, epoch: Double(epoch))
                }
            }
            let averageLoss = lossOfEpoch / Double(max(1, configuration.stepsPerEpoch))
            try finish(epoch, averageLoss: averageLoss, &training, writer)
        }
    }

    /// Validates, keeps the network if it is the best so far, and closes the epoch in the log.
    private func finish(
        _ epoch: Int,
        averageLoss: Double,
        _ training: inout RegressionTraining,
        _ writer: RunLogWriter
    ) throws {
        let validation = training.validate()
        try writer.metrics(
            [("eval/loss", validation.loss), ("eval/rmse", validation.loss.squareRoot())],
            step: training.step,
            epoch: Double(epoch)
        )
        if validation.isBest {
            try writer.writeCheckpoint(
                Safetensors.bytes(of: training.network),
                named: "best.safetensors",
                kind: .best,
                step: training.step,
                epoch: Double(epoch)
            )
        }
        let rate = configuration.learningRate(step: max(0, training.step - 1))
        try writer.epoch(
            epoch,
            step: training.step,
            averages: [("avg_loss", averageLoss), ("eval_loss", validation.loss), ("learning_rate", rate)]
        )
    }

    private static var hostName: String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return name.isEmpty ? nil : name
    }
}

import Files
import Glibc
import RunRecords
import TensorCore

/// A training run from its configuration to its last checkpoint.
///
/// The run's folder gets `run.json`, `metrics.jsonl` and the checkpoints, as any trainer's does; whoever watches the
/// folder sees everything there is to see.
public struct TrainingRun: Sendable {
    /// The stage.
    public let configuration: TrainingConfiguration
    /// What else was asked for.
    public let options: TrainingOptions

    /// - Parameters:
    ///   - configuration: the stage.
    ///   - options: what else was asked for.
    public init(_ configuration: TrainingConfiguration, _ options: TrainingOptions) {
        self.configuration = configuration
        self.options = options
    }

    /// Trains until all steps are made, or it is asked to stop.
    ///
    /// Where a run of the same stage and configuration has made them already, it says so and changes nothing: whoever
    /// starts it over and over has one run.
    ///
    /// - Parameters:
    ///   - stop: asks it to finish its step and save.
    ///   - tell: gets what people want to see.
    /// - Returns: how it ended.
    /// - Throws: ``TrainerError``, ``TensorError``, ``CheckpointFileError`` or ``RunRecordsError``: the log says `error`
    ///   with the reason, whether training or getting ready for it went wrong, and the last checkpoint is as it was.
    ///   `CancellationError` where it was stopped while it got ready: the log says `stopped`.
    @concurrent
    @discardableResult
    public func run(
        stop: TrainingStop = TrainingStop(),
        tell: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
    ) async throws -> TrainingOutcome {
        // Before other threads run: it may have to change the environment for a moment.
        _ = try MatrixLibrary.kernelName()
        let (claim, writer): (RunClaim, RunLogWriter)
        do {
            (claim, writer) = try await begin()
        } catch let complete as CompletedRun {
            tell(.message(complete.message))
            return .completed(checkpoint: complete.checkpoint)
        }
        defer { withExtendedLifetime(claim) {} }
        let (origin, folder) = (claim.origin, claim.folder)
        tell(.message(origin.message))
        var loop: TrainingLoop?
        do {
            let setup = try await TrainingSetup.make(configuration, options, origin) { tell(.message($0)) }
            if stop.isRequested { throw CancellationError() }
            let moved = folder.setOthersAside(for: origin.run)
            if !moved.isEmpty { tell(.message("In \(folder.path), " + moved.joined(separator: ", "))) }
            let ready = TrainingLoop(setup, folder, writer, stop, tell)
            loop = ready
            try writer.describe(description(writer, plan: (ready.stepsPerEpoch, ready.totalSteps)))
            try ready.settle(origin)
            return try await ready.run()
        } catch {
            // The log may be what failed; the first error is the one to report.
            let step = loop?.state.step ?? origin.step
            if let loop, error is RunRecordsError, step > origin.step {
                // A full disk under the runs need not take the work of hours with it.
                let kept = loop.keepLastUpdate()
                try? writer.status(.error(message: "\(error)"), step: step)
                throw TrainerError.training(run: origin.run, reason: "\(error); \(kept)")
            }
            if error is CancellationError {
                try? writer.status(.stopped, message: "stopped at once", step: step)
            } else {
                try? writer.status(.error(message: "\(error)"), step: step)
            }
            throw error
        }
    }

    /// Chooses what to train, and has the run's folder say so: whoever comes next sees it.
    ///
    /// - Returns: the run, to be held as long as it trains, and its log.
    /// - Throws: ``CompletedRun``, and what ``run(stop:tell:)`` throws.
    func begin() async throws -> (RunClaim, RunLogWriter) {
        try FileSystem.createDirectories(options.runs)
        let choice = try await RunLock.choosing(in: options.runs)
        defer { withExtendedLifetime(choice) {} }
        let name = try TrainingOrigin.newName(options, now: RunLogWriter.wallClock())
        let claim: RunClaim
        do {
            claim = try RunClaim.take {
                configuration.training.checkpointFolder ?? "\(options.runs)/\($0)/checkpoints"
            } choose: {
                try TrainingOrigin.find(configuration, options, newName: name)
            }
        } catch let complete as CompletedRun {
            // The run is complete whether its log can be written or not.
            try? complete.endLog(in: options.runs)
            throw complete
        }
        let writer = try RunLogWriter(runs: options.runs, id: claim.origin.run)
        // Before the long work of getting ready: a run that is killed in it is found by what is written here.
        try writer.describe(description(writer, plan: nil))
        try writer.status(.running, message: claim.origin.message, step: claim.origin.step)
        return (claim, writer)
    }

    /// What the run is and plans; `plan` is nil before it is known.
    private func description(
        _ writer: RunLogWriter,
        plan: (stepsPerEpoch: Int, totalSteps: Int)?
    ) -> RunDescription {
        // A run that goes on keeps its beginning, and what people wrote about it.
        let before = try? JSONParser.parse(
            OpenFile.reading("\(writer.folder)/run.json").readAll(limit: 1 << 20)
        )
        func earlier(_ key: String) -> Int? { before?[key]?.finite.flatMap { Int(exactly: $0) } }
        return RunDescription(
            id: writer.id,
            name: before?["name"]?.string ?? "VoxFormer \(options.stage)",
            engine: "trainer",
            stage: options.stage,
            started: before?["started"]?.number ?? writer.time,
            totalEpochs: configuration.training.epochCount,
            stepsPerEpoch: plan.map { max(1, $0.stepsPerEpoch) } ?? earlier("steps_per_epoch"),
            totalSteps: plan?.totalSteps ?? earlier("total_steps"),
            host: RunDescription.Host(name: Self.hostName, gpu: GraphicsCards.names.first),
            configuration: configuration.members,
            tags: before?["tags"]?.array?.compactMap(\.string) ?? [options.stage],
            notes: before?["notes"]?.string ?? ""
        )
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "this host" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

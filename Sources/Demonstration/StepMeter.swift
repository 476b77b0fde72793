/// Keeps the pace of a run and measures what each line of its log says.
struct StepMeter<C: Clock<Duration>> {
    private let configuration: RegressionConfiguration
    private let clock: C
    private let started: C.Instant
    private var speedMeasured: C.Instant
    private var stepsMeasured = 0
    private var usageSampled: C.Instant
    private var usage = SystemUsage()
    private var losses = 0.0
    private var steps = 0

    /// Starts measuring now.
    init(_ configuration: RegressionConfiguration, clock: C) {
        self.configuration = configuration
        self.clock = clock
        started = clock.now
        speedMeasured = started
        usageSampled = started
        // The first sample is what the load of the next is counted from.
        _ = usage.sample()
    }

    /// Waits until the step is due.
    ///
    /// Counted from the start, so that a step that took long is made up for and the pace does not drift.
    ///
    /// - Throws: `CancellationError` when the task was cancelled, also where there is nothing to wait for.
    func pause(beforeStep step: Int) async throws {
        try Task.checkCancellation()
        guard let pace = configuration.pace, pace > 0 else { return }
        let due = started.advanced(by: .seconds(Double(step) / pace))
        if due > clock.now { try await clock.sleep(until: due, tolerance: nil) }
    }

    /// What to log after a step; nil between two lines.
    mutating func metrics(after result: RegressionTraining.StepResult, step: Int) -> [(String, Double)]? {
        losses += result.loss
        steps += 1
        let isDue = step % configuration.stepsPerLine == 0 || step == configuration.totalSteps
        guard isDue else { return nil }
        let now = clock.now
        var metrics = [
            ("train/loss", losses / Double(steps)), ("train/learning_rate", result.learningRate),
            ("train/grad_norm", result.gradientNorm),
        ]
        if let speed = speed(at: now, step: step) { metrics.append(("train/steps_per_second", speed)) }
        if usageSampled.duration(to: now) >= .seconds(1) {
            metrics += usage.sample()
            usageSampled = now
        }
        losses = 0
        steps = 0
        return metrics
    }

    /// Steps per second over the last half second or more.
    ///
    /// Over less, a machine that stalls for a moment and then catches up shows speeds it never had. Nil between
    /// two measurements, except at the end of a run shorter than one.
    private mutating func speed(at now: C.Instant, step: Int) -> Double? {
        let seconds = speedMeasured.duration(to: now) / .seconds(1)
        let isOnlyChance = step == configuration.totalSteps && stepsMeasured == 0
        guard seconds >= 0.5 || isOnlyChance && seconds > 0 else { return nil }
        defer {
            speedMeasured = now
            stepsMeasured = step
        }
        return Double(step - stepsMeasured) / seconds
    }
}

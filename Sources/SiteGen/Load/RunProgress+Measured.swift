import RunRecords

extension RunProgress {
    /// Keys by which a trainer without a `run.json` tells its plan in every line.
    private static let totalStepKeys = [
        "total_steps", "max_steps", "train/total_steps", "num_training_steps",
    ]
    private static let totalEpochKeys = ["total_epochs", "num_epochs", "max_epochs", "num_train_epochs"]
    /// Keys by which a trainer tells its own speed, for logs whose lines carry no time.
    private static let speedKeys = [
        "train/steps_per_second", "steps_per_second", "train_steps_per_second", "it/s",
    ]

    /// Measures a run against its own plan; without a plan there is no total and no time of arrival.
    init(_ log: RunLog, _ reports: [SeriesReport], isOver: Bool) {
        let accumulator = log.accumulator
        func newest(_ keys: [String]) -> Double? {
            for key in keys {
                if let value = reports.first(where: { $0.name == key })?.last?.y, value > 0 { return value }
            }
            return nil
        }
        let hasSteps = accumulator.axis.axis == .step && accumulator.rowCount > 0
        let step = hasSteps ? accumulator.lastX : nil
        let totalEpochs = log.document.totalEpochs ?? newest(Self.totalEpochKeys)
        let planned =
            log.document.totalSteps
            ?? log.document.totalEpochs.flatMap { epochs in log.document.stepsPerEpoch.map { epochs * $0 } }
            ?? newest(Self.totalStepKeys)
        // Some trainers write Int.max where they mean "open".
        let totalSteps = planned.flatMap { $0 < 1e15 ? $0 : nil }
        let pace = accumulator.pace
        let speed = (hasSteps ? pace.stepsPerSecond : nil) ?? newest(Self.speedKeys)
        var eta: Double?
        if let step, let totalSteps, let speed, speed > 0, !isOver { eta = max(0, totalSteps - step) / speed }
        self.init(
            step: step,
            totalSteps: totalSteps,
            epoch: accumulator.lastEpoch,
            totalEpochs: totalEpochs.flatMap { $0 < 1e15 ? $0 : nil },
            passedEpochs: Self.passedEpochs(log),
            stepsPerSecond: speed,
            etaSeconds: eta,
            elapsedSeconds: pace.firstTime.flatMap { first in pace.newestTime.map { max(0, $0 - first) } }
        )
    }

    /// An epoch that is counted from 0 is the one in the making until its event, or the end of the run, says otherwise.
    private static func passedEpochs(_ log: RunLog) -> Double? {
        guard let epoch = log.accumulator.lastEpoch, log.accumulator.countsEpochsFromZero else {
            return log.accumulator.lastEpoch
        }
        let hasEnded =
            log.accumulator.events.newestEndedEpoch.map { $0 >= epoch }
            ?? (log.accumulator.events.status?.name == "completed")
        return hasEnded ? epoch + 1 : epoch
    }
}

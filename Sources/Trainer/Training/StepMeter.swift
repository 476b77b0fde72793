/// How fast updates are made, and what the machine has to do for it.
///
/// Time spent on evaluations and checkpoints does not count: the speed is that of training.
struct StepMeter {
    /// How long the model waited for data in this epoch, in seconds; set from outside.
    var secondsWaited = 0.0
    /// Updates in a second, over the last few.
    private(set) var recentRate = 0.0

    /// The time since any fixed moment.
    private let now: @Sendable () -> Duration
    private var started: Duration?
    private var lastStep: Duration?
    private var seconds = 0.0
    private var stepCount = 0
    private var audioSeconds = 0.0
    private var features: (readCount: Int, computedCount: Int)?
    private var waitedBefore = 0.0
    private var usage: SystemUsage

    /// - Parameters:
    ///   - folder: where checkpoints go: the room that is left there is told.
    ///   - now: the time since any fixed moment; never goes back.
    init(folder: String, now: @escaping @Sendable () -> Duration = Self.machineTime) {
        usage = SystemUsage(folder: folder)
        self.now = now
    }

    /// The time since the process first asked.
    static let machineTime: @Sendable () -> Duration = {
        let beginning = ContinuousClock.now
        return { ContinuousClock.now - beginning }
    }()

    /// Goes on counting time.
    mutating func resume() {
        if started == nil { started = now() }
        lastStep = now()
        if secondsWaited < waitedBefore { waitedBefore = 0 }
    }

    /// Stops counting time.
    mutating func pause() {
        if let started { seconds += (now() - started) / .seconds(1) }
        started = nil
        lastStep = nil
    }

    /// Counts an update.
    ///
    /// - Parameter audioSeconds: how long the recordings were that it learnt from.
    mutating func count(audioSeconds: Double) {
        stepCount += 1
        self.audioSeconds += audioSeconds
        let moment = now()
        if let lastStep {
            let rate = 1 / max(1e-9, (moment - lastStep) / .seconds(1))
            recentRate = recentRate == 0 ? rate : 0.9 * recentRate + 0.1 * rate
        }
        lastStep = moment
    }

    /// Counts features that were looked for where they are kept.
    ///
    /// - Parameters:
    ///   - readCount: of how many utterances they were there.
    ///   - computedCount: of how many they had to be computed.
    mutating func count(featuresRead readCount: Int, computed computedCount: Int) {
        let before = features ?? (0, 0)
        features = (before.readCount + readCount, before.computedCount + computedCount)
    }

    /// What is known since the last call.
    mutating func metrics() -> [(String, Double)] {
        pause()
        defer {
            seconds = 0
            stepCount = 0
            audioSeconds = 0
            features = nil
            waitedBefore = secondsWaited
            resume()
        }
        guard seconds > 0, stepCount > 0 else { return usage.sample() }
        if secondsWaited < waitedBefore { waitedBefore = 0 }
        var metrics = [
            ("train/steps_per_second", Double(stepCount) / seconds),
            ("train/audio_seconds_per_second", audioSeconds / seconds),
            ("train/data_wait_share", min(1, (secondsWaited - waitedBefore) / seconds)),
        ]
        if let features {
            metrics.append(("data/features_read", Double(features.readCount)))
            metrics.append(("data/features_computed", Double(features.computedCount)))
        }
        return metrics + usage.sample()
    }
}

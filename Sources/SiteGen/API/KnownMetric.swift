/// Metrics the site gives a place of their own, whatever trainer logs them.
///
/// What a name means is told by `MetricName`, by which charts are grouped as well; this only says which of a
/// run's series stands for a metric where a single number is wanted.
enum KnownMetric: String, Sendable, CaseIterable {
    case loss, ctcLoss, ceLoss, learningRate, gradientNorm, stepsPerSecond
    case gpuUtilisation, gpuMemory, wordErrorRate, characterErrorRate, validationLoss

    /// The metric a logged name stands for.
    static func named(_ name: String) -> KnownMetric? {
        // Longer than any trainer's name for these; hostile ones are not worth reading.
        guard name.utf8.count <= 128 else { return nil }
        return matching(MetricName(name))
    }

    /// The series of a run by the metrics they are.
    ///
    /// Of several the one that is named as our own trainer does, else of the fewest words, else the first.
    static func series(of report: RunReport) -> [KnownMetric: SeriesReport] {
        var chosen: [KnownMetric: (rank: Int, series: SeriesReport)] = [:]
        for series in report.series {
            guard let metric = named(series.name) else { continue }
            let rank = series.name == metric.ownName ? 0 : MetricName(series.name).words.count
            if let best = chosen[metric], best.rank <= rank { continue }
            chosen[metric] = (rank, series)
        }
        return chosen.mapValues(\.series)
    }

    /// The series of a run that is this metric.
    func series(in report: RunReport) -> SeriesReport? { Self.series(of: report)[self] }

    /// How the run format spells it.
    private var ownName: String {
        switch self {
        case .loss: "train/loss"
        case .ctcLoss: "train/ctc_loss"
        case .ceLoss: "train/ce_loss"
        case .learningRate: "train/learning_rate"
        case .gradientNorm: "train/grad_norm"
        case .stepsPerSecond: "train/steps_per_second"
        case .gpuUtilisation: "system/gpu_util"
        case .gpuMemory: "system/gpu_memory_gb"
        case .wordErrorRate: "eval/wer"
        case .characterErrorRate: "eval/cer"
        case .validationLoss: "eval/loss"
        }
    }

    private static func matching(_ name: MetricName) -> KnownMetric? {
        if name.isLearningRate { return .learningRate }
        if name.isGPUMemory { return .gpuMemory }
        if name.isGPUUtilisation { return .gpuUtilisation }
        if name.isErrorRate { return errorRate(name) }
        if name.isValidation { return name.isMainLoss && part(of: name) == nil ? .validationLoss : nil }
        if name.isGradientNorm { return .gradientNorm }
        if name.isSpeed, !stepWords.isDisjoint(with: name.words) { return .stepsPerSecond }
        if name.isMainLoss { return part(of: name) ?? .loss }
        // `train/ctc`, `ce`: a part of the loss without the word.
        return name.family.count == 1 ? part(of: name) : nil
    }

    private static func errorRate(_ name: MetricName) -> KnownMetric? {
        if !wordErrorWords.isDisjoint(with: name.words) { return .wordErrorRate }
        return characterErrorWords.isDisjoint(with: name.words) ? nil : .characterErrorRate
    }

    /// Which part of the hybrid loss a name speaks of; nil for the whole.
    private static func part(of name: MetricName) -> KnownMetric? {
        if name.family.contains("ctc") { return .ctcLoss }
        return crossEntropyWords.isDisjoint(with: name.family) ? nil : .ceLoss
    }

    private static let wordErrorWords: Set<String> = ["wer", "word"]
    private static let characterErrorWords: Set<String> = ["cer", "char", "character"]
    private static let crossEntropyWords: Set<String> = ["ce", "cross", "xent", "att", "attention", "nll"]
    private static let stepWords: Set<String> = [
        "step", "steps", "it", "its", "iter", "iters", "iteration", "iterations", "update", "updates", "ups",
    ]
}

import RunRecords

/// Where a run is: everything but tensors that is needed to go on exactly there.
public struct TrainingState: Codable, Sendable, Equatable {
    /// The version of this form.
    public static let currentSchema = 1

    /// The version of this form that wrote it.
    public var schema = Self.currentSchema
    /// Which run it is.
    public var run: String
    /// Which stage it trains: `stage1`.
    public var stage: String
    /// How many updates were made.
    public var step = 0
    /// The epoch at hand, from 0.
    public var epoch = 0
    /// How many batches of this epoch's plan were taken.
    public var batch = 0
    /// Which batches those are: of which corpus, how large, and by which chance; nil before the first.
    public var batches: String?
    /// How much chance was used.
    public var randomPosition: UInt64 = 0
    /// The word error rate of `best`, as a part of 1; nil where there is no such file yet.
    public var bestWordErrorRate: Double?
    /// The loss of `best`.
    public var bestLoss: Double?
    /// The step at which recognition was last measured to the end; nil before the first time.
    public var evaluatedStep: Int?
    /// What was summed up of this epoch.
    public var epochSums = LossSums()
    /// How many utterances of the batches taken in this epoch could not be loaded; nil in files of earlier versions.
    public var epochUnreadCount: Int?
    /// What was summed up since the last line of metrics.
    public var windowSums = LossSums()
    /// How many updates were left out because a loss or a derivative was infinite.
    public var badStepCount = 0
    /// How many of those were the last ones in a row.
    public var badStepsInRow = 0

    /// - Parameters:
    ///   - run: which run it is.
    ///   - stage: which stage it trains.
    public init(run: String, stage: String) {
        self.run = run
        self.stage = stage
    }

    /// Whether all numbers are such as a run writes; a file from elsewhere may hold any.
    var isPlausible: Bool {
        let counts = [
            step, epoch, batch, badStepCount, badStepsInRow, epochSums.count, windowSums.count,
            evaluatedStep ?? 0, epochUnreadCount ?? 0,
        ]
        return (try? RunID(validating: run)) != nil && counts.allSatisfy { (0...1_000_000_000).contains($0) }
    }

    enum CodingKeys: String, CodingKey {
        case schema, run, stage, step, epoch, batch, batches
        case randomPosition = "random_position"
        case bestWordErrorRate = "best_wer"
        case bestLoss = "best_loss"
        case evaluatedStep = "evaluated_step"
        case epochSums = "epoch_sums"
        case epochUnreadCount = "epoch_unread"
        case windowSums = "window_sums"
        case badStepCount = "bad_steps"
        case badStepsInRow = "bad_steps_in_row"
    }
}

/// Losses of many updates, added up.
public struct LossSums: Codable, Sendable, Equatable {
    /// How many updates.
    public var count = 0
    /// Of the weighted sum.
    public var loss = 0.0
    /// Of connectionist temporal classification.
    public var ctcLoss = 0.0
    /// Of cross-entropy.
    public var crossEntropyLoss = 0.0

    /// Nothing yet.
    public init() {}

    /// Adds those of one update, or of several.
    mutating func add(_ other: LossSums) {
        count += other.count
        loss += other.loss
        ctcLoss += other.ctcLoss
        crossEntropyLoss += other.crossEntropyLoss
    }

    /// The mean over all updates; NaN where there is none.
    public var means: (loss: Double, ctcLoss: Double, crossEntropyLoss: Double) {
        let divisor = count > 0 ? Double(count) : .nan
        return (loss / divisor, ctcLoss / divisor, crossEntropyLoss / divisor)
    }

    enum CodingKeys: String, CodingKey {
        case count, loss
        case ctcLoss = "ctc_loss"
        case crossEntropyLoss = "ce_loss"
    }
}

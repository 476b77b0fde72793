/// The settings of a `RegressionRun`; all of them are in its `run.json`.
public struct RegressionConfiguration: Sendable, Equatable {
    /// What the data, the first weights and the order of the examples follow from.
    public var seed: UInt64 = 7
    /// How often the training examples are gone through.
    public var epochs = 20
    /// Mini-batches in an epoch.
    public var stepsPerEpoch = 180
    /// Examples in a mini-batch.
    public var batchSize = 64
    /// Examples kept apart for validation.
    public var validationExamples = 1_024
    /// Units of the hidden layer.
    public var hiddenUnits = 64
    /// The standard deviation of the noise on the targets; its square is the lowest loss there is.
    public var noise = 0.1
    /// The learning rate after warm-up.
    public var peakLearningRate = 0.02
    /// Steps in which the learning rate rises from zero.
    public var warmupSteps = 180
    /// The share of the velocity kept from step to step.
    public var momentum = 0.9
    /// The share of every weight taken off a step, times the learning rate.
    public var weightDecay = 1e-4
    /// Steps between two lines of the log.
    public var stepsPerLine = 4
    /// Steps in a second, so that people can watch; nil runs as fast as the machine can.
    public var pace: Double? = 40

    /// The default: 3,600 steps in a minute and a half.
    public init() {}

    /// Steps of the whole run.
    public var totalSteps: Int { epochs * stepsPerEpoch }

    /// Training examples.
    public var trainingExamples: Int { stepsPerEpoch * batchSize }

    /// The learning rate of a step, counted from 0: a linear warm-up, then half a cosine down to zero.
    ///
    /// Source: Loshchilov, Hutter, "SGDR", ICLR 2017, equation 5, without restarts.
    public func learningRate(step: Int) -> Double {
        if step < warmupSteps { return peakLearningRate * Double(step + 1) / Double(warmupSteps) }
        let remaining = max(1, totalSteps - warmupSteps)
        let progress = Double(step - warmupSteps) / Double(remaining)
        return peakLearningRate * Cosine.halfWave(progress)
    }
}

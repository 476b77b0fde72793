/// `training`: how long and how fast it learns, and what is kept.
///
/// A step is an update of the weights: `gradient_accumulation_steps` batches.
public struct TrainingSettings: Sendable, Hashable {
    /// `learning_rate`: the highest one.
    public var learningRate = 1e-4
    /// `weight_decay`: of matrices; not of norms, biases and embeddings.
    public var weightDecay = 0.01
    /// `max_grad_norm`: the gradient is shortened to this length.
    public var maximumGradientNorm = 1.0
    /// `warmup_steps`: in how many steps the rate reaches its peak.
    public var warmUpSteps = 5000
    /// `batch_size`: utterances of a batch at most.
    public var batchSize = 8
    /// `gradient_accumulation_steps`: batches of a step.
    public var gradientAccumulationSteps = 4
    /// `num_epochs`.
    public var epochCount = 20
    /// `max_steps`: the end, even within an epoch; nil for all epochs.
    public var maximumSteps: Int?
    /// `mixed_precision`: whether a graphics card may multiply with 16-bit numbers; the processor never does.
    public var usesMixedPrecision = true
    /// `checkpoint_dir`: where checkpoints go; nil for the run's own folder.
    public var checkpointFolder: String?
    /// `save_interval`: steps between checkpoints.
    public var saveInterval = 5000
    /// `keep_last_n`: how many of the `step_<N>` checkpoints are kept; nil for all.
    public var keptCheckpointCount: Int?
    /// `resume_from`: a checkpoint to go on from; of another stage only its weights are taken.
    public var resumePath: String?
    /// `log_interval`: steps between lines of metrics.
    public var logInterval = 100
    /// `eval_interval`: steps between evaluations; nil for the ends of epochs only.
    public var evaluationInterval: Int?
    /// `max_bad_steps`: after so many steps in a row with an infinite loss or gradient training stops.
    public var maximumBadSteps = 10
    /// `seed`: what all chance follows from.
    public var seed = 42

    /// The defaults: stage 1.
    public init() {}
}

extension TrainingSettings: SettingSection {
    /// Steps that a run can have.
    private static let steps = 1...1_000_000_000
    private static let wandBAdvice =
        "Weights & Biases is not used; write null: the metrics are in the run folder, and voxsite build --serve shows them"

    static let keys: [SettingKey<TrainingSettings>] = [
        .required("learning_rate", \.learningRate, .number(.above(0, to: 1))),
        .required("weight_decay", \.weightDecay, .number(.from(0, to: 1))),
        .required("max_grad_norm", \.maximumGradientNorm, .number(.above(0, to: 1e9))),
        .required("warmup_steps", \.warmUpSteps, .integer(0...steps.upperBound)),
        .required("batch_size", \.batchSize, .integer(1...65_536)),
        .required("gradient_accumulation_steps", \.gradientAccumulationSteps, .integer(1...65_536)),
        .required("num_epochs", \.epochCount, .integer(1...1_000_000)),
        .optional("max_steps", \.maximumSteps, .integer(steps)),
        .required("mixed_precision", \.usesMixedPrecision, .flag),
        .optional("checkpoint_dir", \.checkpointFolder, .text),
        .required("save_interval", \.saveInterval, .integer(steps)),
        .optional("keep_last_n", \.keptCheckpointCount, .integer(1...1_000_000)),
        .optional("resume_from", \.resumePath, .text),
        .required("log_interval", \.logInterval, .integer(steps)),
        .optional("eval_interval", \.evaluationInterval, .integer(steps)),
        .required("max_bad_steps", \.maximumBadSteps, .integer(1...1_000_000)),
        .required("seed", \.seed, .integer(0...Int.max)),
        .unavailable("wandb_project", wandBAdvice),
        .unavailable("wandb_entity", wandBAdvice),
        .unavailable("wandb_run_name", wandBAdvice),
        .unavailable("use_wandb", wandBAdvice),
    ]

    /// `max_steps` below `warmup_steps` is no conflict: that is how a configuration is tried out.
    func conflicts() -> [SettingConflict] { [] }
}

/// Everything that decides about a training run: `configs/stage1.yaml` in memory.
///
/// What a file leaves out has its default. Reading reports every problem of a file at once:
///
///     configs/stage1.yaml: the configuration has 2 problems
///     configs/stage1.yaml:12: training.learning_rat: there is no such key; did you mean learning_rate?
///     configs/stage1.yaml:14: training.batch_size: 0 is out of range; it goes from 1 to 65536
public struct TrainingConfiguration: Sendable, Hashable {
    /// What is trained.
    public var model = ModelSettings()
    /// How long and how fast it learns.
    public var training = TrainingSettings()
    /// What is learnt from.
    public var data = DataSettings()
    /// What it learns to make small.
    public var loss = LossSettings()
    /// How recognition is measured.
    public var evaluation = EvaluationSettings()
    /// How texts become numbers.
    public var tokenizer = TokenizerSettings()

    /// The defaults.
    public init() {}

    /// The sections in the order they are printed.
    static let sections: [SectionAccess] = [
        SectionAccess("model", \.model),
        SectionAccess("training", \.training),
        SectionAccess("data", \.data),
        SectionAccess("loss", \.loss),
        SectionAccess("evaluation", \.evaluation),
        SectionAccess("tokenizer", \.tokenizer),
    ]

    /// What does not go together across sections, with the whole key.
    func conflicts() -> [SettingConflict] {
        var conflicts: [SettingConflict] = []
        for section in Self.sections {
            conflicts += section.conflicts(self).map {
                SettingConflict(key: "\(section.name).\($0.key)", reason: $0.reason)
            }
        }
        if let inModel = model.ctcWeight, let inLoss = loss.ctcWeight, inModel != inLoss {
            conflicts.append(
                SettingConflict(
                    key: "model.ctc_weight",
                    reason: "\(inModel) is not loss.ctc_weight \(inLoss); leave one of them out"
                )
            )
        }
        if data.featureCachePath != nil, model.trainedFrontEnd != .nothing {
            conflicts.append(
                SettingConflict(
                    key: "data.feature_cache",
                    reason: "features are kept only of a front end that does not change; write null, or set "
                        + "model.freeze_wavlm to true and model.unfreeze_top_k to 0"
                )
            )
        }
        return conflicts
    }

    /// How much CTC and cross-entropy count at each update.
    public var lossWeights: LossWeights { LossWeights(loss, modelWeight: model.ctcWeight) }
}

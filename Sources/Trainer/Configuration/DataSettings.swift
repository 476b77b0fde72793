/// `data`: what is learnt from.
public struct DataSettings: Sendable, Hashable {
    /// How recordings and their texts are laid out.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// Folders `<speaker>/<chapter>` of recordings with a `*.trans.txt`.
        case librispeech
        /// Files of JSON or JSON lines with `audio_path` and `text`.
        case manifest
    }

    /// `train_data`: folders or manifests to learn from.
    public var trainingPaths: [String] = []
    /// `eval_data`: folders or manifests to measure with.
    public var evaluationPaths: [String] = []
    /// `data_format`.
    public var format = Format.librispeech
    /// `sample_rate`: in hertz; what the front end takes.
    public var sampleRateHz = 16_000
    /// `max_audio_len`: longer recordings are left out; in seconds.
    public var maximumSeconds = 30.0
    /// `max_text_len`: longer texts are left out; in tokens.
    public var maximumTokenCount = 256
    /// `max_batch_seconds`: of a batch, silence at the ends included; nil for `batch_size` × `max_audio_len`.
    public var maximumBatchSeconds: Double?
    /// `num_workers`: how many batches are prepared, or wait to be used, at once.
    public var workerCount = 4
    /// `feature_cache`: a folder where features of a frozen front end are kept; nil to compute them anew each time.
    public var featureCachePath: String?
    /// `feature_cache_gigabytes`: how large it may become, in 10⁹ bytes.
    public var featureCacheGigabytes = 100.0
    /// `use_speed_perturbation`: whether recordings are also played at 0.9 and 1.1 times their speed.
    public var perturbsSpeed = false
    /// `use_specaugment`: whether stripes of the features are masked in training.
    public var usesSpecAugment = false
    /// `freq_mask_param`: no stripe of features is wider, in features.
    public var featureMaskWidth = 27
    /// `num_freq_masks`.
    public var featureMaskCount = 2
    /// `time_mask_param`: no stripe of time is longer, in frames.
    public var timeMaskWidth = 100
    /// `num_time_masks`: nil for as many as suit the length of the utterance.
    public var timeMaskCount: Int? = 2
    /// `time_mask_share`: no stripe of time takes more of an utterance than this.
    public var timeMaskShare = 0.2

    /// The defaults: stage 1, with nothing to learn from yet.
    public init() {}
}

extension DataSettings: SettingSection {
    static let keys: [SettingKey<DataSettings>] = [
        .required("train_data", \.trainingPaths, .texts),
        .required("eval_data", \.evaluationPaths, .texts),
        .required("data_format", \.format, .choice),
        .required("sample_rate", \.sampleRateHz, .integer(1_000...768_000)),
        .required("max_audio_len", \.maximumSeconds, .number(.above(0, to: 600))),
        .required("max_text_len", \.maximumTokenCount, .integer(1...100_000)),
        .optional("max_batch_seconds", \.maximumBatchSeconds, .number(.above(0, to: 1e6))),
        .required("num_workers", \.workerCount, .integer(1...256)),
        .optional("feature_cache", \.featureCachePath, .text),
        .required("feature_cache_gigabytes", \.featureCacheGigabytes, .number(.above(0, to: 1e6))),
        .required("use_speed_perturbation", \.perturbsSpeed, .flag),
        .required("use_specaugment", \.usesSpecAugment, .flag),
        .required("freq_mask_param", \.featureMaskWidth, .integer(0...100_000)),
        .required("num_freq_masks", \.featureMaskCount, .integer(0...100)),
        .required("time_mask_param", \.timeMaskWidth, .integer(0...100_000)),
        .optional("num_time_masks", \.timeMaskCount, .integer(0...100)),
        .required("time_mask_share", \.timeMaskShare, .number(.from(0, to: 1))),
    ]

    func conflicts() -> [SettingConflict] {
        var conflicts: [SettingConflict] = []
        if sampleRateHz != 16_000 {
            conflicts.append(
                SettingConflict(
                    key: "sample_rate",
                    reason:
                        "\(sampleRateHz) Hz is not what WavLM takes; write 16000: recordings of any rate are "
                        + "converted"
                )
            )
        }
        if let maximumBatchSeconds, maximumBatchSeconds < maximumSeconds {
            conflicts.append(
                SettingConflict(
                    key: "max_batch_seconds",
                    reason:
                        "\(maximumBatchSeconds) is less than max_audio_len \(maximumSeconds), so the longest "
                        + "recordings would fit no batch; write at least that"
                )
            )
        }
        return conflicts
    }
}

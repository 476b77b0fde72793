/// `model`: what is trained.
public struct ModelSettings: Sendable, Hashable {
    /// `vocab_size`: how many tokens there are, special ones included.
    public var vocabularySize = 2000
    /// `d_model`: the width of encoder and decoder.
    public var width = 512
    /// `encoder_num_heads`.
    public var encoderHeadCount = 8
    /// `encoder_num_blocks`: how many rates of frames the encoder has, each half of the one before.
    public var encoderBlockCount = 3
    /// `encoder_layers_per_block`: Conformer layers in each block.
    public var encoderLayersPerBlock = 2
    /// `decoder_num_heads`.
    public var decoderHeadCount = 8
    /// `decoder_num_layers`.
    public var decoderLayerCount = 4
    /// `d_ff`: the inner width of feed-forwards.
    public var innerWidth = 2048
    /// `kernel_size`: over how many frames the convolution of a Conformer layer goes; odd.
    public var kernelSize = 31
    /// `dropout`: how likely an element is taken in training.
    public var dropout = 0.1
    /// `wavlm_model_name`: which published model the front end has: `microsoft/wavlm-base`, `microsoft/wavlm-large`;
    /// `random` for weights that nobody trained, with the sizes of the `config.json` at `wavlm_path`: for trials.
    public var wavLMName = "microsoft/wavlm-base"
    /// `wavlm_path`: where its weights are; nil to look for them by their name.
    public var wavLMPath: String?
    /// `freeze_wavlm`: whether the front end stays as it is but for `unfreeze_top_k` layers.
    public var freezesWavLM = true
    /// `unfreeze_top_k`: how many of the front end's last layers are trained.
    public var unfrozenLayerCount = 0
    /// `ctc_weight`: the part of CTC in the loss where the section `loss` says nothing.
    public var ctcWeight: Double?

    /// The defaults: stage 1.
    public init() {}

    /// How much of the front end is trained.
    public enum TrainedFrontEnd: Sendable, Hashable {
        /// Nothing: its features can be computed once and kept.
        case nothing
        /// Its last layers.
        case topLayers(Int)
        /// All of it.
        case everything
    }

    /// How much of the front end is trained: `unfreeze_top_k` layers wherever that is not 0, else as `freeze_wavlm`
    /// says.
    public var trainedFrontEnd: TrainedFrontEnd {
        if unfrozenLayerCount > 0 { return .topLayers(unfrozenLayerCount) }
        return freezesWavLM ? .nothing : .everything
    }
}

extension ModelSettings: SettingSection {
    static let keys: [SettingKey<ModelSettings>] = [
        .required("vocab_size", \.vocabularySize, .integer(5...ModelSizes.largest)),
        .required("d_model", \.width, .integer(2...ModelSizes.largest)),
        .required("encoder_num_heads", \.encoderHeadCount, .integer(1...1024)),
        .required("encoder_num_blocks", \.encoderBlockCount, .integer(1...8)),
        .required("encoder_layers_per_block", \.encoderLayersPerBlock, .integer(1...64)),
        .required("decoder_num_heads", \.decoderHeadCount, .integer(1...1024)),
        .required("decoder_num_layers", \.decoderLayerCount, .integer(1...64)),
        .required("d_ff", \.innerWidth, .integer(1...ModelSizes.largest)),
        .required("kernel_size", \.kernelSize, .integer(1...1023)),
        .required("dropout", \.dropout, .number(.from(0, below: 1))),
        .required("wavlm_model_name", \.wavLMName, .text),
        .optional("wavlm_path", \.wavLMPath, .text),
        .required("freeze_wavlm", \.freezesWavLM, .flag),
        .required("unfreeze_top_k", \.unfrozenLayerCount, .integer(0...48)),
        .optional("ctc_weight", \.ctcWeight, .number(.from(0, to: 1))),
    ]

    func conflicts() -> [SettingConflict] {
        var conflicts: [SettingConflict] = []
        for (name, heads) in [
            ("encoder_num_heads", encoderHeadCount), ("decoder_num_heads", decoderHeadCount),
        ]
        where !width.isMultiple(of: 2 * heads) {
            conflicts.append(
                SettingConflict(
                    key: name,
                    reason: "d_model \(width) does not divide into \(heads) heads of even width"
                )
            )
        }
        if kernelSize.isMultiple(of: 2) {
            conflicts.append(
                SettingConflict(
                    key: "kernel_size",
                    reason: "\(kernelSize) is even; an odd one has a middle, so write \(kernelSize + 1)"
                )
            )
        }
        return conflicts
    }
}

public import TensorCore

/// The recogniser: WavLM in front, an encoder at several frame rates, a decoder, and a head for CTC.
public struct VoxFormer: Sendable {
    /// The sizes.
    public struct Configuration: Sendable, Hashable {
        /// The model in front.
        public var wavLM: WavLMConfiguration
        /// The encoder.
        public var encoder: EncoderSizes
        /// The decoder.
        public var decoder: DecoderSizes

        /// VoxFormer's sizes.
        ///
        /// - Parameters:
        ///   - wavLM: the model in front.
        ///   - encoder: the encoder.
        ///   - decoder: the decoder, of the encoder's width.
        public init(
            wavLM: WavLMConfiguration = .base,
            encoder: EncoderSizes = EncoderSizes(),
            decoder: DecoderSizes = DecoderSizes()
        ) {
            self.wavLM = wavLM
            self.encoder = encoder
            self.decoder = decoder
        }
    }

    /// What was heard.
    public struct Encoded: Sendable {
        /// What the encoder makes of it: `[B, T, width]`.
        public var frames: Tensor
        /// How many frames of each row count; nil for all.
        public var lengths: [Int]?
        /// The scores of tokens at every frame: `[B, T, vocabulary]`.
        public var tokenScores: Tensor
    }

    /// What of the model learns.
    public enum Stage: Sendable, Hashable {
        /// All but WavLM.
        case withoutWavLM
        /// All, and of WavLM its last layers.
        case lastWavLMLayers(Int)
        /// All.
        case everything
    }

    /// The sizes.
    public let configuration: Configuration
    /// The decoder.
    public let decoder: TransformerDecoder
    /// All that can be learnt, in order.
    public let parameters: [Parameter]
    /// What belongs to the state and is not learnt: running statistics.
    public let buffers: [Parameter]

    private let wavLM: WavLM
    private let layerSum: WeightedLayerSum
    private let adapter: FeatureAdapter
    private let encoder: ZipformerEncoder
    private let head: Linear

    /// - Parameters:
    ///   - builder: makes all parameters by the original's names.
    ///   - configuration: the sizes.
    /// - Throws: ``TensorError`` where memory or the file fails, or the file holds another model.
    public init(_ builder: ParameterBuilder, _ configuration: Configuration) throws(TensorError) {
        guard configuration.encoder.width == configuration.decoder.width else {
            throw .invalidArgument(
                operation: "decoder",
                reason:
                    "its width is \(configuration.decoder.width), the encoder's \(configuration.encoder.width)"
            )
        }
        self.configuration = configuration
        let front = builder.scoped("frontend")
        wavLM = try WavLM(front.scoped("wavlm"), configuration.wavLM)
        layerSum = try WeightedLayerSum(
            front.scoped("weighted_layer_sum"),
            layerCount: configuration.wavLM.layerCount
        )
        adapter = try FeatureAdapter(
            front.scoped("adapter"),
            inputs: configuration.wavLM.width,
            width: configuration.encoder.width
        )
        encoder = try ZipformerEncoder(builder.scoped("encoder"), configuration.encoder)
        decoder = try TransformerDecoder(builder.scoped("decoder"), configuration.decoder)
        head = try Linear(
            builder.scoped("ctc_proj"),
            inputs: configuration.encoder.width,
            outputs: configuration.decoder.vocabularySize
        )
        parameters = builder.parameters
        buffers = builder.buffers
        try builder.finish()
    }

    /// Freezes what a stage leaves alone, and everything else not: whatever the stage before was.
    ///
    /// - Parameter stage: what learns.
    public func freeze(for stage: Stage) {
        let front = "frontend.wavlm."
        var thawed: [String] = []
        switch stage {
        case .withoutWavLM: break
        case .lastWavLMLayers(let count):
            let all = configuration.wavLM.layerCount
            thawed = (max(0, all - count)..<all).map { "\(front)encoder.layers.\($0)." }
        case .everything: thawed = [front]
        }
        for parameter in parameters {
            let isInFront = parameter.name.hasPrefix(front)
            parameter.isTrainable = !isInFront || thawed.contains { parameter.name.hasPrefix($0) }
        }
    }

    /// Listens.
    ///
    /// - Parameters:
    ///   - waveform: `[B, samples]` at 16 kHz from -1 to 1, zeros behind the end.
    ///   - lengths: how many samples of each row are no padding; nil for all.
    ///   - context: how all but the front end is run.
    /// - Returns: what was heard.
    /// - Throws: ``TensorError``.
    public func encode(
        _ waveform: Tensor,
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> Encoded {
        try encode(listen(waveform, lengths: lengths), context)
    }

    /// What the front end makes of a waveform: the same from pass to pass as long as it is frozen, so it can be kept.
    ///
    /// WavLM is run to be judged at all times: a frozen model must not change from pass to pass.
    ///
    /// - Parameters:
    ///   - waveform: `[B, samples]` at 16 kHz from -1 to 1, zeros behind the end.
    ///   - lengths: how many samples of each row are no padding; nil for all.
    /// - Returns: the result of every layer.
    /// - Throws: ``TensorError``.
    public func listen(_ waveform: Tensor, lengths: [Int]?) throws(TensorError) -> FrontEndFeatures {
        let heard = try wavLM(waveform, lengths: lengths)
        return FrontEndFeatures(layers: Array(heard.hiddenStates.dropFirst()), lengths: heard.lengths)
    }

    /// Goes on from the front end's features.
    ///
    /// - Parameters:
    ///   - features: what ``listen(_:lengths:)`` returned, now or before.
    ///   - context: how the model is run.
    ///   - masks: factors for the layers' weighted sum, `[B, T, 1]` and `[B, 1, width]`; nil for none.
    /// - Returns: what was heard.
    /// - Throws: ``TensorError``.
    public func encode(
        _ features: FrontEndFeatures,
        _ context: ForwardContext,
        masks: (frames: Tensor, features: Tensor)? = nil
    ) throws(TensorError) -> Encoded {
        var x = try layerSum(features.layers)
        if let masks { x = try x.multiplying(masks.frames).multiplying(masks.features) }
        let (frames, frameLengths) = try encoder(adapter(x, context), lengths: features.lengths, context)
        return Encoded(frames: frames, lengths: frameLengths, tokenScores: try head(frames))
    }
}

/// What the front end makes of a waveform.
public struct FrontEndFeatures: Sendable {
    /// The result of every layer: `[B, T, width]` each.
    public var layers: [Tensor]
    /// How many frames of each row count; nil for all.
    public var lengths: [Int]?

    /// - Parameters:
    ///   - layers: the result of every layer.
    ///   - lengths: how many frames of each row count; nil for all.
    public init(layers: [Tensor], lengths: [Int]?) {
        self.layers = layers
        self.lengths = lengths
    }
}

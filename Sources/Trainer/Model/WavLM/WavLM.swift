public import TensorCore

/// A waveform to frames that know their context: convolutions, then layers of attention.
///
/// Source: Chen et al., "WavLM", 2022. Paths of parameters are those of the published files.
public struct WavLM: Sendable {
    /// The sizes.
    public let configuration: WavLMConfiguration
    private let extractor: FeatureExtractor
    private let projectionNorm: LayerNorm
    private let projection: Linear
    private let position: PositionalConvolution
    private let norm: LayerNorm
    private let layers: [WavLMLayer]
    private let mask: Parameter

    /// What a waveform becomes.
    public struct Output: Sendable {
        /// The input of the first layer, and what each layer gives: `[B, T, width]`.
        public var hiddenStates: [Tensor]
        /// What the last layer gives, behind the last norm where there is one.
        public var last: Tensor
        /// How many frames of each row count; nil for all.
        public var lengths: [Int]?
    }

    /// - Parameters:
    ///   - builder: makes all parameters by their published names.
    ///   - configuration: the sizes.
    /// - Throws: ``TensorError`` where memory or the file fails, or no model has such sizes.
    public init(_ builder: ParameterBuilder, _ configuration: WavLMConfiguration) throws(TensorError) {
        try configuration.validate()
        self.configuration = configuration
        let features = configuration.convolutions.last?.width ?? 1
        let width = configuration.width
        extractor = try FeatureExtractor(builder.scoped("feature_extractor"), configuration)
        let place = builder.scoped("feature_projection")
        projectionNorm = try LayerNorm(place.scoped("layer_norm"), width: features)
        projection = try Linear(place.scoped("projection"), inputs: features, outputs: width)
        let encoder = builder.scoped("encoder")
        position = try PositionalConvolution(encoder.scoped("pos_conv_embed"), configuration)
        norm = try LayerNorm(encoder.scoped("layer_norm"), width: width)
        var layers: [WavLMLayer] = []
        for index in 0..<configuration.layerCount {
            let place = encoder.scoped("layers").scoped(index)
            layers.append(try WavLMLayer(place, configuration, isFirst: index == 0))
        }
        self.layers = layers
        // Of pre-training, and in every file; nothing uses it here.
        mask = try builder.parameter("masked_spec_embed", [width], .uniform(bound: 1))
    }

    /// - Parameters:
    ///   - waveform: `[B, samples]` at 16 kHz from -1 to 1, zeros behind the end.
    ///   - lengths: how many samples of each row are no padding; nil for all.
    ///   - context: how the model is run.
    /// - Returns: all layers' results.
    /// - Throws: ``TensorError`` where fewer than 400 samples are given.
    public func callAsFunction(
        _ waveform: Tensor,
        lengths: [Int]?,
        _ context: ForwardContext = .evaluation
    ) throws(TensorError) -> Output {
        guard waveform.rank == 2, configuration.frameCount(sampleCount: waveform.shape[1]) > 0 else {
            throw .invalidShape(
                operation: "WavLM",
                shape: waveform.shape,
                reason: "a waveform is [B, samples] with 400 samples at least"
            )
        }
        let frames = lengths?.map { configuration.frameCount(sampleCount: $0) }
        let features = try extractor(waveform, lengths: lengths) { _ in }
        var x = try projection(projectionNorm(features)).maskingFrames(beyond: frames)
        x = try x.adding(position(x))
        if configuration.style == .base { x = try norm(x) }
        x = try context.dropout(x)
        var states = [x]
        guard let table = layers.first?.attention.table else {
            return Output(hiddenStates: states, last: x, lengths: frames)
        }
        let bias = try RelativePositions(
            bucketCount: configuration.bucketCount,
            maximumDistance: configuration.maximumDistance
        ).bias(table.tensor, frameCount: x.shape[1])
        for layer in layers {
            x = try layer(x, bias: bias, lengths: frames, context)
            states.append(x)
        }
        let last = configuration.style == .large ? try norm(x) : x
        return Output(hiddenStates: states, last: last, lengths: frames)
    }
}

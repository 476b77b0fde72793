import TensorCore

/// Seven convolutions that turn 320 samples into a frame.
struct FeatureExtractor: Sendable {
    private struct Layer: Sendable {
        let weight: Parameter
        let stride: Int
        /// A layer norm, or the group norm of the first layer.
        let norm: LayerNorm?
        let isGroupNorm: Bool
    }

    private let layers: [Layer]
    private let configuration: WavLMConfiguration

    init(_ builder: ParameterBuilder, _ configuration: WavLMConfiguration) throws(TensorError) {
        self.configuration = configuration
        var layers: [Layer] = []
        var inputs = 1
        for (index, layer) in configuration.convolutions.enumerated() {
            let place = builder.scoped("conv_layers").scoped(index)
            let isGroupNorm = configuration.style == .base
            let hasNorm = !isGroupNorm || index == 0
            layers.append(
                Layer(
                    weight: try place.scoped("conv")
                        .parameter("weight", [layer.width, inputs, layer.kernelSize], .fanInUniform),
                    stride: layer.stride,
                    norm: hasNorm ? try LayerNorm(place.scoped("layer_norm"), width: layer.width) : nil,
                    isGroupNorm: isGroupNorm
                )
            )
            inputs = layer.width
        }
        self.layers = layers
    }

    /// - Parameters:
    ///   - waveform: `[B, samples]`.
    ///   - lengths: how many samples of each row are no padding; nil for all.
    ///   - observe: sees what every layer gives.
    /// - Returns: `[B, T, width]`.
    /// - Throws: ``TensorError``.
    func callAsFunction(
        _ waveform: Tensor,
        lengths: [Int]?,
        observe: (Tensor) throws(TensorError) -> Void
    ) throws(TensorError) -> Tensor {
        var x = try waveform.reshaped(to: Shape(waveform.shape.dimensions + [1]))
        for (index, layer) in layers.enumerated() {
            let kernel = layer.weight.tensor
            if let norm = layer.norm {
                x = try x.convolved(kernel, stride: layer.stride)
                if layer.isGroupNorm {
                    let frames = lengths?.map {
                        configuration.frameCount(sampleCount: $0, behind: index + 1)
                    }
                    x = try x.groupNormalized(
                        groupCount: x.shape.last,
                        norm.weight.tensor,
                        norm.bias.tensor,
                        lengths: configuration.normalizesPadding ? nil : frames,
                        activation: .gelu
                    )
                } else {
                    x = try x.layerNormalized(norm.weight.tensor, norm.bias.tensor, activation: .gelu)
                }
            } else {
                x = try x.convolved(kernel, stride: layer.stride, activation: .gelu)
            }
            try observe(x)
        }
        return x
    }
}

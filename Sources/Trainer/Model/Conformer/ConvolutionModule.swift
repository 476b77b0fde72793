public import TensorCore

/// What a frame learns of its neighbours: gated, over 31 frames for each feature by itself, mixed.
///
/// Source: Gulati et al., "Conformer", 2020, §2.2.
public struct ConvolutionModule: Sendable {
    let norm: LayerNorm
    let first: Parameter
    let depthwise: Parameter
    let batchNorm: BatchNorm
    let second: Parameter
    let width: Int
    let padding: (before: Int, after: Int)
    let compatibility: Compatibility

    /// - Parameters:
    ///   - builder: makes `layer_norm`, `pointwise_conv1`, `depthwise_conv`, `batch_norm`, `pointwise_conv2`.
    ///   - width: the model's width.
    ///   - kernelSize: over how many frames.
    ///   - isCausal: whether only earlier frames count.
    ///   - compatibility: whether padding is convolved.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(
        _ builder: ParameterBuilder,
        width: Int,
        kernelSize: Int,
        isCausal: Bool = false,
        compatibility: Compatibility = .none
    ) throws(TensorError) {
        self.width = width
        self.compatibility = compatibility
        padding = isCausal ? (kernelSize - 1, 0) : ((kernelSize - 1) / 2, (kernelSize - 1) / 2)
        norm = try LayerNorm(builder.scoped("layer_norm"), width: width)
        first = try builder.scoped("pointwise_conv1").parameter(
            "weight",
            [2 * width, width, 1],
            .fanInUniform
        )
        depthwise = try builder.scoped("depthwise_conv")
            .parameter("weight", [width, 1, kernelSize], .fanInUniform)
        batchNorm = try BatchNorm(builder.scoped("batch_norm"), width: width)
        second = try builder.scoped("pointwise_conv2").parameter("weight", [width, width, 1], .fanInUniform)
    }

    /// - Parameters:
    ///   - x: `[B, T, width]`.
    ///   - lengths: how many frames of each row are no padding; nil for all.
    ///   - context: how the model is run.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError``.
    public func callAsFunction(
        _ x: Tensor,
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> Tensor {
        let seen = compatibility.convolvesPadding ? nil : lengths
        let gated = try norm(x).linear(first.tensor.reshaped(to: [2 * width, width])).gatedLinearUnit()
            .maskingFrames(beyond: seen)
        let mixed = try gated.convolved(depthwise.tensor, padding: padding, groupCount: width)
        let normal = try batchNorm(mixed, lengths: seen, context).silu()
        return try context.dropout(normal.linear(second.tensor.reshaped(to: [width, width])))
    }
}

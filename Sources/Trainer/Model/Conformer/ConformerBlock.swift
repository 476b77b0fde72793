public import TensorCore

/// Half a feed-forward, attention, convolution, half a feed-forward, each beside a short cut, and a norm.
///
/// Source: Gulati et al., "Conformer", 2020; VoxFormer's attention has no norm of its own.
public struct ConformerBlock: Sendable {
    let first: GatedFeedForward
    let attention: SelfAttention
    let convolution: ConvolutionModule
    let second: GatedFeedForward
    let norm: LayerNorm

    /// - Parameters:
    ///   - builder: makes `ff1`, `self_attn`, `conv`, `ff2`, `layer_norm`.
    ///   - sizes: the encoder's sizes.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, _ sizes: EncoderSizes) throws(TensorError) {
        let (width, inner) = (sizes.width, sizes.innerWidth)
        first = try GatedFeedForward(builder.scoped("ff1"), width: width, innerWidth: inner)
        attention = try SelfAttention(builder.scoped("self_attn"), width: width, headCount: sizes.headCount)
        convolution = try ConvolutionModule(
            builder.scoped("conv"),
            width: width,
            kernelSize: sizes.kernelSize,
            compatibility: sizes.compatibility
        )
        second = try GatedFeedForward(builder.scoped("ff2"), width: width, innerWidth: inner)
        norm = try LayerNorm(builder.scoped("layer_norm"), width: width)
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
        var x = try x.adding(first(x, context).scaled(by: 0.5))
        x = try x.adding(attention(x, lengths: lengths, context))
        x = try x.adding(convolution(x, lengths: lengths, context))
        x = try x.adding(second(x, context).scaled(by: 0.5))
        return try norm(x)
    }
}

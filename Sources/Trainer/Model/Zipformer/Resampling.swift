public import TensorCore

/// Half as many frames: a convolution over three, every second one kept.
public struct Downsample: Sendable {
    let weight: Parameter
    let norm: LayerNorm

    /// - Parameters:
    ///   - builder: makes `conv` and `layer_norm`.
    ///   - width: the model's width.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, width: Int) throws(TensorError) {
        weight = try builder.scoped("conv").parameter("weight", [width, width, 3], .fanInUniform)
        norm = try LayerNorm(builder.scoped("layer_norm"), width: width)
    }

    /// - Parameter x: `[B, T, width]`.
    /// - Returns: `[B, ⌈T/2⌉, width]`.
    /// - Throws: ``TensorError``.
    public func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        try norm(x.convolved(weight.tensor, stride: 2, padding: (1, 1)))
    }
}

/// Twice as many frames, as many as the short cut has.
public struct Upsample: Sendable {
    let weight: Parameter
    let norm: LayerNorm

    /// - Parameters:
    ///   - builder: makes `conv` and `layer_norm`.
    ///   - width: the model's width.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, width: Int) throws(TensorError) {
        weight = try builder.scoped("conv").parameter("weight", [width, width, 3], .fanInUniform)
        norm = try LayerNorm(builder.scoped("layer_norm"), width: width)
    }

    /// - Parameters:
    ///   - x: `[B, T, width]`.
    ///   - frameCount: how many frames there are to be, 2·T or one less.
    /// - Returns: `[B, frameCount, width]`.
    /// - Throws: ``TensorError``.
    public func callAsFunction(_ x: Tensor, frameCount: Int) throws(TensorError) -> Tensor {
        let wide = try x.transposeConvolved(weight.tensor, stride: 2, padding: 1, outputPadding: 1)
        return try norm(wide.sliced(axis: 1, 0..<min(frameCount, wide.shape[1])))
    }
}

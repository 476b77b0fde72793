public import TensorCore

/// `w₃(silu(w₁·x) · w₂·x)` behind a norm.
///
/// Source: Shazeer, "GLU Variants Improve Transformer", 2020 (SwiGLU).
public struct GatedFeedForward: Sendable {
    let norm: LayerNorm
    let first: Linear
    let second: Linear
    let third: Linear

    /// - Parameters:
    ///   - builder: makes `layer_norm`, `w1`, `w2`, `w3`.
    ///   - width: the model's width.
    ///   - innerWidth: the width between.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, width: Int, innerWidth: Int) throws(TensorError) {
        norm = try LayerNorm(builder.scoped("layer_norm"), width: width)
        first = try Linear(builder.scoped("w1"), inputs: width, outputs: innerWidth, hasBias: false)
        second = try Linear(builder.scoped("w2"), inputs: width, outputs: innerWidth, hasBias: false)
        third = try Linear(builder.scoped("w3"), inputs: innerWidth, outputs: width, hasBias: false)
    }

    /// - Parameters:
    ///   - x: `[…, width]`.
    ///   - context: how the model is run.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError``.
    public func callAsFunction(_ x: Tensor, _ context: ForwardContext) throws(TensorError) -> Tensor {
        let normal = try norm(x)
        let inner = try first(normal).siluGated(by: second(normal))
        return try context.dropout(third(context.dropout(inner)))
    }
}

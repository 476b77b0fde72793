/// Rows brought to mean 0 and variance 1, then scaled and shifted.
///
/// Source: Ba et al., "Layer Normalization", 2016.
public struct LayerNorm: Sendable {
    /// `[width]`.
    public let weight: Parameter
    /// `[width]`.
    public let bias: Parameter

    /// - Parameters:
    ///   - builder: makes `weight` and `bias`.
    ///   - width: the length of the last axis.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, width: Int) throws(TensorError) {
        weight = try builder.parameter("weight", [width], .ones)
        bias = try builder.parameter("bias", [width], .zeros)
    }

    /// Normalises the last axis.
    ///
    /// - Parameter x: `[…, width]`.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        try x.layerNormalized(weight.tensor, bias.tensor)
    }
}

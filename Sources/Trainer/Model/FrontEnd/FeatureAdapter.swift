public import TensorCore

/// The layers of a pretrained model, added up with weights that are learnt.
///
/// Source: Peters et al., "Deep contextualized word representations", 2018 (ELMo's mixing).
public struct WeightedLayerSum: Sendable {
    let weights: Parameter

    /// - Parameters:
    ///   - builder: makes `layer_weights`.
    ///   - layerCount: how many layers there are.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, layerCount: Int) throws(TensorError) {
        weights = try builder.parameter("layer_weights", [layerCount], .zeros)
    }

    /// - Parameter layers: equal shapes, one for each weight.
    /// - Returns: a tensor of that shape.
    /// - Throws: ``TensorError`` where there are more or fewer.
    public func callAsFunction(_ layers: [Tensor]) throws(TensorError) -> Tensor {
        guard layers.count == weights.shape[0], let first = layers.first else {
            throw .invalidArgument(
                operation: "weighted layer sum",
                reason: "\(layers.count) layers for \(weights.shape[0]) weights"
            )
        }
        let shares = try weights.tensor.softmax()
        var sum = try first.multiplying(shares.sliced(axis: 0, 0..<1))
        for index in 1..<max(1, layers.count) {
            sum = try sum.adding(layers[index].multiplying(shares.sliced(axis: 0, index..<index + 1)))
        }
        return sum
    }
}

/// From the width of the pretrained model to that of the encoder.
public struct FeatureAdapter: Sendable {
    let norm: LayerNorm
    let projection: Linear
    let output: Linear

    /// - Parameters:
    ///   - builder: makes `layer_norm`, `proj`, `out_proj`.
    ///   - inputs: the width of the pretrained model.
    ///   - width: the encoder's.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, inputs: Int, width: Int) throws(TensorError) {
        norm = try LayerNorm(builder.scoped("layer_norm"), width: inputs)
        let initial = Initialization.xavierUniform(gain: 0.1)
        projection = try Linear(builder.scoped("proj"), inputs: inputs, outputs: width, initial: initial)
        output = try Linear(builder.scoped("out_proj"), inputs: width, outputs: width, initial: initial)
    }

    /// - Parameters:
    ///   - x: `[B, T, inputs]`.
    ///   - context: how the model is run.
    /// - Returns: `[B, T, width]`.
    /// - Throws: ``TensorError``.
    public func callAsFunction(_ x: Tensor, _ context: ForwardContext) throws(TensorError) -> Tensor {
        try output(context.dropout(projection(norm(x), activation: .gelu)))
    }
}

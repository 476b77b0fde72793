extension Tensor {
    /// The last axis with the mean 0 and the variance 1, scaled and shifted.
    ///
    /// `(x − mean) / √(variance + ε) · weight + bias`, with the biased variance. Source: Ba, Kiros, Hinton, "Layer
    /// Normalization", 2016.
    ///
    /// - Parameters:
    ///   - weight: `[C]`.
    ///   - bias: `[C]`.
    ///   - epsilon: what is added to the variance.
    ///   - activation: what is done to every number of the result, in the same pass.
    /// - Returns: `[…, C]`, where this is `[…, C]`.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func layerNormalized(
        _ weight: Tensor,
        _ bias: Tensor,
        epsilon: Float = 1e-5,
        activation: Activation = .none
    ) throws(TensorError) -> Tensor {
        try requireChannels(weight, bias, for: "layer norm")
        let x = try contiguous()
        let result = try Tensor.undefined(shape, on: backend)
        let state = NormalizationState(
            x: x.detached,
            weight: try weight.detached.contiguous(),
            bias: try bias.detached.contiguous(),
            mean: try Tensor.undefined([shape.rowCount], on: backend),
            inverse: try Tensor.undefined([shape.rowCount], on: backend),
            activation: activation
        )
        try backend.normalizeRows(
            state.x,
            state.weight,
            state.bias,
            epsilon: epsilon,
            activation: activation,
            mean: state.mean,
            inverse: state.inverse,
            into: result
        )
        return result.recording([x, weight, bias]) {
            LayerNormalizationOperation(state: state, inputIsTracked: x.node != nil)
        }
    }

    /// Fails where weight and bias are not `[C]` for `[…, C]`.
    func requireChannels(_ weight: Tensor, _ bias: Tensor, for operation: String) throws(TensorError) {
        for tensor in [self, weight, bias] { try tensor.requireFloat(operation) }
        guard rank >= 1, weight.shape == [shape.last] else {
            throw .shapeMismatch(operation: operation, left: shape, right: weight.shape)
        }
        guard bias.shape == weight.shape else {
            throw .shapeMismatch(operation: "\(operation) bias", left: weight.shape, right: bias.shape)
        }
    }
}

/// With `h` the normalised numbers and `g = u·weight`: `dx = (g − mean(g) − h·mean(g·h)) / deviation`,
/// `dweight = Σ u·h`, `dbias = Σ u`.
struct LayerNormalizationOperation: Operation {
    static let name = "layer norm"
    let state: NormalizationState
    let inputIsTracked: Bool

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let backend = state.x.backend
        let input = inputIsTracked ? try Tensor.undefined(state.x.shape, on: backend) : nil
        let weight = try Tensor.undefined(state.weight.shape, on: backend)
        let bias = try Tensor.undefined(state.bias.shape, on: backend)
        try backend.normalizeRowsDerivative(
            state,
            upstream: upstream,
            input: input,
            weight: weight,
            bias: bias
        )
        return [input.map { .fresh($0) }, .fresh(weight), .fresh(bias)]
    }
}

/// A linear map of the last axis: `x·Wᵀ + b`.
public struct Linear: Sendable {
    /// `[outputs, inputs]`.
    public let weight: Parameter
    /// `[outputs]`.
    public let bias: Parameter?

    /// - Parameters:
    ///   - builder: makes `weight` and `bias`.
    ///   - inputs: the length of the last axis before.
    ///   - outputs: the length of the last axis after.
    ///   - hasBias: whether there is a bias.
    ///   - initial: what a new weight begins with; a new bias is zero, or with ``Initialization/fanInUniform`` as
    ///     PyTorch draws it.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(
        _ builder: ParameterBuilder,
        inputs: Int,
        outputs: Int,
        hasBias: Bool = true,
        initial: Initialization = .fanInUniform
    ) throws(TensorError) {
        weight = try builder.parameter("weight", [outputs, inputs], initial)
        let bound = 1 / Float(max(1, inputs)).squareRoot()
        let biasInitial: Initialization = initial == .fanInUniform ? .uniform(bound: bound) : .zeros
        bias = hasBias ? try builder.parameter("bias", [outputs], biasInitial) : nil
    }

    /// Maps the last axis.
    ///
    /// - Parameters:
    ///   - x: `[…, inputs]`.
    ///   - activation: what is done to every number of the result.
    /// - Returns: `[…, outputs]`.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func callAsFunction(_ x: Tensor, activation: Activation = .none) throws(TensorError) -> Tensor {
        try x.linear(weight.tensor, bias: bias?.tensor, activation: activation)
    }
}

public import TensorCore

/// Features brought to mean 0 and variance 1 over the frames of a batch, or over all that were seen in training.
///
/// Source: Ioffe and Szegedy, "Batch Normalization", 2015.
public struct BatchNorm: Sendable {
    let weight: Parameter
    let bias: Parameter
    let runningMean: Parameter
    let runningVariance: Parameter
    let batchCount: Parameter

    /// How much of the newest batch goes into the running statistics.
    private static let momentum: Float = 0.1

    /// - Parameters:
    ///   - builder: makes `weight`, `bias` and the running statistics.
    ///   - width: how many features there are.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, width: Int) throws(TensorError) {
        weight = try builder.parameter("weight", [width], .ones)
        bias = try builder.parameter("bias", [width], .zeros)
        runningMean = try builder.buffer("running_mean", [width], .zeros)
        runningVariance = try builder.buffer("running_var", [width], .ones)
        batchCount = try builder.buffer("num_batches_tracked", [], .zeros, .int64)
    }

    /// - Parameters:
    ///   - x: `[B, T, width]`.
    ///   - lengths: how many frames of each row count in the statistics; nil for all.
    ///   - context: how the model is run; in training the running statistics move.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError``.
    public func callAsFunction(
        _ x: Tensor,
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> Tensor {
        guard context.isTraining else {
            return try x.batchNormalized(
                weight.tensor,
                bias.tensor,
                mean: runningMean.value,
                variance: runningVariance.value
            )
        }
        let (result, mean, variance, count) = try x.batchNormalizedInTraining(
            weight.tensor,
            bias.tensor,
            lengths: lengths
        )
        guard count > 0 else { return result }
        // The running variance is that of the population: N / (N - 1).
        let unbiased = count > 1 ? Float(count) / Float(count - 1) : 1
        try move(runningMean, mean, 1)
        try move(runningVariance, variance, unbiased)
        let seen = try batchCount.value.floats().first ?? 0
        batchCount.value = try Tensor(seen + 1).converted(to: .int64)
        return result
    }

    private func move(_ running: Parameter, _ batch: Tensor, _ factor: Float) throws(TensorError) {
        running.value = try running.value.scaled(by: 1 - Self.momentum)
            .adding(batch.detached.scaled(by: Self.momentum * factor))
    }
}

extension Tensor {
    /// Groups of channels of each sequence with the mean 0 and the variance 1 over time, scaled and shifted.
    ///
    /// Frames beyond a sequence's length do not enter its statistics, and are normalised with them like the others.
    /// A sequence without valid frames becomes the bias. Source: Wu and He, "Group Normalization", 2018.
    ///
    /// - Parameters:
    ///   - groupCount: into how many groups the channels are divided.
    ///   - weight: `[C]`.
    ///   - bias: `[C]`.
    ///   - lengths: how many frames of each sequence are valid; nil where all are.
    ///   - epsilon: what is added to the variance.
    ///   - activation: what is done to every number of the result, in the same pass.
    /// - Returns: `[B, T, C]`, where this is `[B, T, C]`.
    /// - Throws: ``TensorError`` where the shapes do not go together.
    public func groupNormalized(
        groupCount: Int,
        _ weight: Tensor,
        _ bias: Tensor,
        lengths: [Int]? = nil,
        epsilon: Float = 1e-5,
        activation: Activation = .none
    ) throws(TensorError) -> Tensor {
        try requireChannels(weight, bias, for: "group norm")
        guard rank == 3, groupCount > 0, shape.last.isMultiple(of: groupCount) else {
            let reason = "it is not [batch, frames, channels] with \(groupCount) groups of channels"
            throw .invalidShape(operation: "group norm", shape: shape, reason: reason)
        }
        let scope = FrameStatisticsScope(
            groupCount: groupCount,
            spansBatch: false,
            lengths: try frameLengths(lengths, for: "group norm")
        )
        return try normalizedFrames(weight, bias, scope, epsilon: epsilon, activation: activation).result
    }

    /// Channels with the mean 0 and the variance 1 over the whole batch, scaled and shifted; for training.
    ///
    /// Frames beyond a sequence's length do not enter the statistics, and are normalised with them like the others.
    /// Source: Ioffe and Szegedy, "Batch Normalization", 2015.
    ///
    /// - Parameters:
    ///   - weight: `[C]`.
    ///   - bias: `[C]`.
    ///   - lengths: how many frames of each sequence are valid; nil where all are.
    ///   - epsilon: what is added to the variance.
    ///   - activation: what is done to every number of the result, in the same pass.
    /// - Returns: `[B, T, C]`, where this is `[B, T, C]`; the mean and the biased variance, `[C]`, which carry no
    ///   derivative; and how many frames they are of. Running statistics take `variance · count / (count − 1)`.
    /// - Throws: ``TensorError`` where the shapes do not go together.
    public func batchNormalizedInTraining(
        _ weight: Tensor,
        _ bias: Tensor,
        lengths: [Int]? = nil,
        epsilon: Float = 1e-5,
        activation: Activation = .none
    ) throws(TensorError) -> (Tensor, mean: Tensor, variance: Tensor, count: Int) {
        try requireFrames(weight, bias, for: "batch norm")
        let scope = FrameStatisticsScope(
            groupCount: shape.last,
            spansBatch: true,
            lengths: try frameLengths(lengths, for: "batch norm")
        )
        let variance = try Tensor.undefined([shape.last], on: backend)
        let (result, mean) = try normalizedFrames(
            weight,
            bias,
            scope,
            epsilon: epsilon,
            activation: activation,
            variance: variance
        )
        return (result, mean, variance, scope.lengths.reduce(0, +))
    }

    /// Channels normalised with statistics from training, scaled and shifted; for evaluation.
    ///
    /// - Parameters:
    ///   - weight: `[C]`.
    ///   - bias: `[C]`.
    ///   - mean: `[C]`; no derivative goes through it.
    ///   - variance: `[C]`; no derivative goes through it.
    ///   - epsilon: what is added to the variance.
    ///   - activation: what is done to every number of the result, in the same pass.
    /// - Returns: `[B, T, C]`, where this is `[B, T, C]`.
    /// - Throws: ``TensorError`` where the shapes do not go together.
    public func batchNormalized(
        _ weight: Tensor,
        _ bias: Tensor,
        mean: Tensor,
        variance: Tensor,
        epsilon: Float = 1e-5,
        activation: Activation = .none
    ) throws(TensorError) -> Tensor {
        try requireFrames(weight, bias, for: "batch norm")
        for statistic in [mean, variance] where statistic.shape != weight.shape {
            throw .shapeMismatch(
                operation: "batch norm statistics",
                left: weight.shape,
                right: statistic.shape
            )
        }
        let x = try contiguous()
        let deviation = try variance.detached.scaled(by: 1, adding: epsilon).applying(.squareRoot)
        let state = NormalizationState(
            x: x.detached,
            weight: try weight.detached.contiguous(),
            bias: try bias.detached.contiguous(),
            mean: try mean.detached.contiguous(),
            inverse: try Tensor.full(1, [], on: backend).divided(by: deviation),
            activation: activation
        )
        let scope = FrameStatisticsScope(
            groupCount: shape.last,
            spansBatch: true,
            lengths: try frameLengths(nil, for: "batch norm"),
            isGiven: true
        )
        let result = try Tensor.undefined(shape, on: backend)
        try backend.normalizeFrames(state, scope, into: result)
        return result.recording([x, weight, bias]) {
            FrameNormalizationOperation(state: state, scope: scope, inputIsTracked: x.node != nil)
        }
    }

    private func requireFrames(
        _ weight: Tensor,
        _ bias: Tensor,
        for operation: String
    ) throws(TensorError) {
        try requireChannels(weight, bias, for: operation)
        guard rank == 3 else {
            throw .invalidShape(
                operation: operation,
                shape: shape,
                reason: "it is not [batch, frames, channels]"
            )
        }
    }

    private func normalizedFrames(
        _ weight: Tensor,
        _ bias: Tensor,
        _ scope: FrameStatisticsScope,
        epsilon: Float,
        activation: Activation,
        variance: Tensor? = nil
    ) throws(TensorError) -> (result: Tensor, mean: Tensor) {
        let x = try contiguous()
        let result = try Tensor.undefined(shape, on: backend)
        let statistics: Shape = scope.spansBatch ? [scope.groupCount] : [scope.setCount, scope.groupCount]
        let state = NormalizationState(
            x: x.detached,
            weight: try weight.detached.contiguous(),
            bias: try bias.detached.contiguous(),
            mean: try Tensor.undefined(statistics, on: backend),
            inverse: try Tensor.undefined(statistics, on: backend),
            activation: activation
        )
        try backend.frameStatistics(
            state.x,
            scope,
            epsilon: epsilon,
            mean: state.mean,
            variance: variance,
            inverse: state.inverse
        )
        try backend.normalizeFrames(state, scope, into: result)
        let recorded = result.recording([x, weight, bias]) {
            FrameNormalizationOperation(state: state, scope: scope, inputIsTracked: x.node != nil)
        }
        return (recorded, state.mean)
    }
}

/// As layer norm's, over frames and channels of a group; statistics that are given pass no derivative on.
struct FrameNormalizationOperation: Operation {
    static let name = "frame norm"
    let state: NormalizationState
    let scope: FrameStatisticsScope
    let inputIsTracked: Bool

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let backend = state.x.backend
        let input = inputIsTracked ? try Tensor.undefined(state.x.shape, on: backend) : nil
        let weight = try Tensor.undefined(state.weight.shape, on: backend)
        let bias = try Tensor.undefined(state.bias.shape, on: backend)
        try backend.normalizeFramesDerivative(
            state,
            scope,
            upstream: upstream,
            input: input,
            weight: weight,
            bias: bias
        )
        return [input.map { .fresh($0) }, .fresh(weight), .fresh(bias)]
    }
}

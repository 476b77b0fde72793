/// Normalisations, and their derivatives.
public protocol NormalizationKernels {
    /// Normalises every row: `result = activation((x − mean) · inverse · weight + bias)`.
    ///
    /// - Parameters:
    ///   - x: `[rows, C]`, whatever its leading dimensions are.
    ///   - weight: `[C]`.
    ///   - bias: `[C]`.
    ///   - epsilon: what is added to the variance.
    ///   - activation: what is done to every number, in the same pass.
    ///   - mean: `[rows]`, written.
    ///   - inverse: `[rows]`, written: 1 / √(variance + ε).
    ///   - result: as `x`.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func normalizeRows(
        _ x: Tensor,
        _ weight: Tensor,
        _ bias: Tensor,
        epsilon: Float,
        activation: Activation,
        mean: Tensor,
        inverse: Tensor,
        into result: Tensor
    ) throws(TensorError)
    /// The derivatives of ``normalizeRows(_:_:_:epsilon:activation:mean:inverse:into:)``.
    ///
    /// - Parameters:
    ///   - saved: what it was computed from, and the statistics it found.
    ///   - upstream: the derivative for its result.
    ///   - input: as `x`, or nil where it is not asked for.
    ///   - weight: `[C]`.
    ///   - bias: `[C]`.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func normalizeRowsDerivative(
        _ saved: NormalizationState,
        upstream: Tensor,
        input: Tensor?,
        weight: Tensor,
        bias: Tensor
    ) throws(TensorError)

    /// The mean and the inverse deviation of the valid frames of `[B, T, C]`.
    ///
    /// - Parameters:
    ///   - x: `[B, T, C]`.
    ///   - scope: what belongs together.
    ///   - epsilon: what is added to the variance.
    ///   - mean: `[sets, groups]`, written: one set for each sequence, or one for all.
    ///   - variance: as `mean`, written: the mean of squares, or nil where only its inverse root is wanted.
    ///   - inverse: as `mean`, written: 1 / √(variance + ε), and 0 where there are no valid frames.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func frameStatistics(
        _ x: Tensor,
        _ scope: FrameStatisticsScope,
        epsilon: Float,
        mean: Tensor,
        variance: Tensor?,
        inverse: Tensor
    ) throws(TensorError)
    /// Normalises all frames, valid or not, with given statistics.
    ///
    /// - Parameters:
    ///   - state: the input, the statistics, weight and bias.
    ///   - scope: what belongs together.
    ///   - result: as the input.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func normalizeFrames(
        _ state: NormalizationState,
        _ scope: FrameStatisticsScope,
        into result: Tensor
    ) throws(TensorError)
    /// The derivatives of ``normalizeFrames(_:_:into:)``.
    ///
    /// - Parameters:
    ///   - state: as there.
    ///   - scope: as there; where its statistics are given, none goes through them.
    ///   - upstream: the derivative for its result.
    ///   - input: as the input, or nil where it is not asked for.
    ///   - weight: `[C]`.
    ///   - bias: `[C]`.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func normalizeFramesDerivative(
        _ state: NormalizationState,
        _ scope: FrameStatisticsScope,
        upstream: Tensor,
        input: Tensor?,
        weight: Tensor,
        bias: Tensor
    ) throws(TensorError)
}

/// What a normalisation was computed from, and the statistics that it found.
public struct NormalizationState: Sendable {
    /// The input.
    public var x: Tensor
    /// `[C]`.
    public var weight: Tensor
    /// `[C]`.
    public var bias: Tensor
    /// One for each row, or for each set and group.
    public var mean: Tensor
    /// 1 / √(variance + ε), as ``mean``.
    public var inverse: Tensor
    /// What is done to the result.
    public var activation: Activation
}

/// Which frames and channels of `[B, T, C]` share a mean and a variance.
public struct FrameStatisticsScope: Hashable, Sendable {
    /// Into how many groups the channels are divided.
    public var groupCount: Int
    /// Whether all sequences share them, or each has its own.
    public var spansBatch: Bool
    /// How many frames of each sequence count.
    public var lengths: [Int]
    /// Whether the statistics come from elsewhere, and do not depend on the input.
    public var isGiven = false

    /// How many sets of statistics there are.
    public var setCount: Int { spansBatch ? 1 : lengths.count }
}

/// Attention, and what surrounds it.
public protocol AttentionKernels {
    /// Weights of rows: `softmax` of the last axis, or its logarithm.
    func softmax(_ x: Tensor, isLogarithm: Bool, into result: Tensor) throws(TensorError)
    /// The derivative of ``softmax(_:isLogarithm:into:)``, from its result.
    func softmaxDerivative(
        _ result: Tensor,
        isLogarithm: Bool,
        upstream: Tensor,
        into derivative: Tensor
    ) throws(TensorError)
    /// Turns pairs of features by angles that grow with the position; `sign` -1 turns them back.
    ///
    /// - Parameters:
    ///   - x: `[B, T, H, D]`, features one after another.
    ///   - cosines: `[T, D/2]`.
    ///   - sines: `[T, D/2]`.
    ///   - sign: 1 or -1.
    ///   - result: `[B, T, H, D]`, contiguous.
    /// - Throws: ``TensorError`` where the device fails.
    func rotate(
        _ x: Tensor,
        cosines: Tensor,
        sines: Tensor,
        sign: Float,
        into result: Tensor
    ) throws(TensorError)
    /// Attention; `logSums` `[B, H, Tq]` gets what the derivative needs of every row's softmax.
    func attend(_ problem: AttentionProblem, into result: Tensor, logSums: Tensor) throws(TensorError)
    /// The derivative of ``attend(_:into:logSums:)``, whose weights are computed again, tile by tile.
    func attendDerivative(
        _ problem: AttentionProblem,
        result: Tensor,
        logSums: Tensor,
        upstream: Tensor,
        into derivatives: AttentionDerivatives
    ) throws(TensorError)
}

/// What attention is computed from.
public struct AttentionProblem: Sendable {
    /// `[B, Tq, H, D]`; features lie one after another, other axes in any way.
    public var query: Tensor
    /// `[B, Tk, H, D]`, the same.
    public var key: Tensor
    /// `[B, Tk, H, D]`, the same.
    public var value: Tensor
    /// What scores are multiplied by.
    public var scale: Float
    /// How many keys count, for each row of the batch.
    public var keyLengths: [Int]
    /// Whether a query sees no later key; the last query sees the last key.
    public var isCausal: Bool
    /// What is added to the scores, contiguous.
    public var bias: AttentionBias?
    /// Which weights are taken away after the softmax; nil for none.
    public var dropout: DropoutKey?
}

/// Where the derivatives of attention go; all contiguous.
public struct AttentionDerivatives: Sendable {
    /// `[B, Tq, H, D]`.
    public var query: Tensor
    /// `[B, Tk, H, D]`.
    public var key: Tensor
    /// `[B, Tk, H, D]`.
    public var value: Tensor
    /// Of the bias's shape; nil where nobody asks.
    public var bias: Tensor?
    /// `[B, H, Tq]`; nil where nobody asks.
    public var gate: Tensor?
}

/// What is added to the scores of attention: `gate[b, h, q] · bias[h, q, k]`, or the bias alone.
public enum AttentionBias: Sendable {
    /// `[H, Tq, Tk]`, and a gate `[B, H, Tq]`.
    case full(Tensor, gate: Tensor?)
    /// `[H, 2·T - 1]`, where entry `k - q + T - 1` is for all pairs at that distance; and a gate `[B, H, T]`.
    case relative(Tensor, gate: Tensor?)

    /// The numbers.
    public var values: Tensor {
        switch self {
        case .full(let values, _), .relative(let values, _): values
        }
    }

    /// What they are multiplied by for each query.
    public var gate: Tensor? {
        switch self {
        case .full(_, let gate), .relative(_, let gate): gate
        }
    }

    func with(_ values: Tensor, _ gate: Tensor?) -> AttentionBias {
        switch self {
        case .full: .full(values, gate: gate)
        case .relative: .relative(values, gate: gate)
        }
    }
}

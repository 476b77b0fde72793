/// One half of the numbers decides how much of the other passes.
public protocol GatingKernels {
    /// `result = a · sigmoid(b)`, where the last axis of `x` holds all of `a`, then all of `b`.
    func gate(_ x: Tensor, into result: Tensor) throws(TensorError)
    /// The derivative for `x`.
    func gateDerivative(_ x: Tensor, upstream: Tensor, into derivative: Tensor) throws(TensorError)
    /// `result = silu(x) · other`.
    func gateSilu(_ x: Tensor, by other: Tensor, into result: Tensor) throws(TensorError)
    /// The derivatives for both, where they are asked for.
    func gateSiluDerivative(
        _ x: Tensor,
        by other: Tensor,
        upstream: Tensor,
        into derivative: Tensor?,
        other otherDerivative: Tensor?
    ) throws(TensorError)
    /// Copies the first frames of every sequence, and puts zeros after them.
    ///
    /// - Parameters:
    ///   - x: `[B, T, …]`.
    ///   - lengths: how many frames of each sequence stay.
    ///   - result: as `x`.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func maskFrames(_ x: Tensor, lengths: [Int], into result: Tensor) throws(TensorError)
}

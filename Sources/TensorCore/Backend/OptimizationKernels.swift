/// Steps of an optimiser over flat memory.
public protocol OptimizationKernels {
    /// One step of AdamW, in place.
    ///
    /// - Parameters:
    ///   - step: its numbers.
    ///   - gradient: the derivatives.
    ///   - value: the parameters.
    ///   - first: the running mean of derivatives.
    ///   - second: the running mean of their squares.
    /// - Throws: ``TensorError`` where the device fails.
    func adamW(
        _ step: AdamWStep,
        gradient: Tensor,
        value: Tensor,
        first: Tensor,
        second: Tensor
    ) throws(TensorError)
}

/// The numbers of one step of AdamW.
public struct AdamWStep: Sendable, Hashable {
    /// What derivatives are multiplied by first: clipping.
    public var gradientScale: Float
    /// How much of the running mean is kept.
    public var beta1: Float
    /// How much of the running mean of squares is kept.
    public var beta2: Float
    /// What is added to the root.
    public var epsilon: Float
    /// The learning rate over `1 - β₁ᵗ`.
    public var rate: Float
    /// `√(1 - β₂ᵗ)`.
    public var root: Float
    /// `1 - learning rate · weight decay`.
    public var keep: Float
}

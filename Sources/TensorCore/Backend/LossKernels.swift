/// Losses, whose derivative is found together with their value.
public protocol LossKernels {
    /// The mean cross entropy of rows that count, and its derivative.
    ///
    /// - Parameters:
    ///   - logits: `[N, V]`.
    ///   - targets: the right class of every row.
    ///   - ignored: rows of this class do not count.
    ///   - targetWeight: what is expected of the right class.
    ///   - otherWeight: what is expected of every other one.
    ///   - derivative: `[N, V]`, or nil where nobody asks.
    /// - Returns: the mean; 0 where no row counts.
    /// - Throws: ``TensorError`` where the device fails.
    func crossEntropy(
        _ logits: Tensor,
        targets: [Int32],
        ignoring ignored: Int32?,
        targetWeight: Float,
        otherWeight: Float,
        into derivative: Tensor?
    ) throws(TensorError) -> Float
    /// The CTC loss of every row, and its derivative.
    ///
    /// - Parameters:
    ///   - logits: `[B, T, V]`.
    ///   - targets: the labels of every row, without blanks.
    ///   - inputLengths: how many frames of every row count.
    ///   - blank: the class that stands for nothing.
    ///   - zeroInfinity: whether an impossible row has the loss 0 and no derivative.
    ///   - derivative: `[B, T, V]`, or nil where nobody asks.
    /// - Returns: one loss for each row.
    /// - Throws: ``TensorError`` where the device fails.
    func connectionistTemporalClassification(
        _ logits: Tensor,
        targets: [[Int32]],
        inputLengths: [Int],
        blank: Int32,
        zeroInfinity: Bool,
        into derivative: Tensor?
    ) throws(TensorError) -> [Float]
}

/// How the losses of a batch become one.
public enum LossReduction: Sendable, Hashable {
    /// One for each row.
    case none
    /// Their sum.
    case sum
    /// Each divided by its number of labels, at least 1, then the mean over the batch.
    case mean
}

extension Tensor {
    /// How unlikely label sequences are, over all ways in which frames may spell them.
    ///
    /// Source: Graves et al., "Connectionist Temporal Classification", ICML 2006. The reduction is PyTorch's.
    ///
    /// - Parameters:
    ///   - targets: the labels of every row, without blanks.
    ///   - inputLengths: how many frames of every row count.
    ///   - blank: the class that stands for nothing.
    ///   - zeroInfinity: whether a row that is too short for its labels has the loss 0 and no derivative; it still
    ///     counts in the mean.
    ///   - reduction: how the losses of a batch become one.
    /// - Returns: a single number, or `[B]`; this is `[B, T, V]`, before the softmax.
    /// - Throws: ``TensorError`` where counts, lengths or labels do not fit.
    public func connectionistTemporalClassificationLoss(
        _ targets: [[Int32]],
        inputLengths: [Int],
        blank: Int32 = 0,
        zeroInfinity: Bool = true,
        reduction: LossReduction = .mean
    ) throws(TensorError) -> Tensor {
        try requireFloat("CTC")
        guard rank == 3, targets.count == shape[0], inputLengths.count == shape[0] else {
            throw .invalidShape(
                operation: "CTC",
                shape: shape,
                reason:
                    "[B, T, V] is expected, with B = \(targets.count) targets and \(inputLengths.count) lengths"
            )
        }
        let (frames, classes) = (shape[1], shape[2])
        if let wrong = inputLengths.first(where: { $0 < 0 || $0 > frames }) {
            throw .invalidArgument(
                operation: "CTC",
                reason: "the length \(wrong) is not within \(frames) frames"
            )
        }
        let labels = targets.joined()
        if let wrong = labels.first(where: { $0 < 0 || Int($0) >= classes || $0 == blank }) {
            throw .invalidArgument(
                operation: "CTC",
                reason: "the label \(wrong) is not among \(classes) classes, or is the blank \(blank)"
            )
        }
        guard blank >= 0, Int(blank) < classes else {
            throw .invalidArgument(
                operation: "CTC",
                reason: "the blank \(blank) is not among \(classes) classes"
            )
        }
        let logits = try contiguous()
        let isTracked = GradientMode.isRecording && logits.node != nil
        let derivative = isTracked ? try Tensor.undefined(shape, on: backend) : nil
        let losses = try backend.connectionistTemporalClassification(
            logits.detached,
            targets: targets,
            inputLengths: inputLengths,
            blank: blank,
            zeroInfinity: zeroInfinity,
            into: derivative
        )
        let plain = try Tensor(losses, [losses.count], on: backend)
        let rows = derivative.map { derivative in
            plain.recording([logits]) { LossOperation(derivative: derivative) }
        }
        switch reduction {
        case .none: return rows ?? plain
        case .sum: return try (rows ?? plain).sum()
        case .mean:
            let weights = targets.map { 1 / Float(max(1, $0.count) * max(1, losses.count)) }
            return try (rows ?? plain).multiplying(Tensor(weights, [weights.count], on: backend)).sum()
        }
    }
}

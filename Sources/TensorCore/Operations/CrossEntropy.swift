/// What label smoothing expects of the right class.
public enum LabelSmoothing: Sendable, Hashable {
    /// `1 − s + s/V`, and `s/V` of the others: the expectations add up to 1.
    case standard(Float)
    /// `1 − s`, and `s/V` of the others, as VoxFormer was trained.
    case withoutTargetShare(Float)

    /// None.
    public static let none = LabelSmoothing.standard(0)
}

extension Tensor {
    /// The mean cross entropy of rows against their classes.
    ///
    /// Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016, §7 (smoothing).
    ///
    /// - Parameters:
    ///   - targets: the right class of every row.
    ///   - ignored: rows of this class do not count.
    ///   - smoothing: what is expected of the other classes.
    /// - Returns: a single number; 0 where no row counts.
    /// - Throws: ``TensorError`` where a class does not exist or the counts differ.
    public func crossEntropy(
        _ targets: [Int32],
        ignoring ignored: Int32? = nil,
        smoothing: LabelSmoothing = .none
    ) throws(TensorError) -> Tensor {
        try requireFloat("cross entropy")
        guard rank >= 1, shape.rowCount == targets.count else {
            throw .invalidShape(
                operation: "cross entropy",
                shape: shape,
                reason: "\(targets.count) classes are given for its rows"
            )
        }
        let classes = shape.last
        if let wrong = targets.first(where: { $0 != ignored && ($0 < 0 || Int($0) >= classes) }) {
            throw .invalidArgument(
                operation: "cross entropy",
                reason: "the class \(wrong) is not among \(classes)"
            )
        }
        let (share, target): (Float, Float) =
            switch smoothing {
            case .standard(let amount): (amount / Float(classes), 1 - amount + amount / Float(classes))
            case .withoutTargetShare(let amount): (amount / Float(classes), 1 - amount)
            }
        let logits = try contiguous()
        let isTracked = GradientMode.isRecording && logits.node != nil
        let derivative = isTracked ? try Tensor.undefined(shape, on: backend) : nil
        let loss = try backend.crossEntropy(
            logits.detached,
            targets: targets,
            ignoring: ignored,
            targetWeight: target,
            otherWeight: share,
            into: derivative
        )
        let result = try Tensor(loss, on: backend)
        guard let derivative else { return result }
        return result.recording([logits]) { LossOperation(derivative: derivative) }
    }
}

/// A loss whose derivative was found together with it.
struct LossOperation: Operation {
    static let name = "loss"
    /// Of the input's shape, or of one row for each loss.
    let derivative: Tensor

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let ones = [Int](repeating: 1, count: derivative.rank - upstream.rank)
        let factor = try upstream.reshaped(to: Shape(upstream.shape.dimensions + ones))
        // In place: a node gives its operation away once, so nobody else holds this memory.
        let backend = derivative.backend
        try backend.combine(.multiply, derivative, factor.broadcast(to: derivative.shape), into: derivative)
        return [.fresh(derivative)]
    }
}

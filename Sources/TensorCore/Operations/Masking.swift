extension Tensor {
    /// The frames that belong to each sequence; zeros after them.
    ///
    /// - Parameter lengths: how many frames of each sequence of `[B, T, …]` are valid; nil where all are.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where the lengths do not suit the shape.
    public func maskingFrames(beyond lengths: [Int]?) throws(TensorError) -> Tensor {
        try requireFloat("mask")
        let lengths = try frameLengths(lengths, for: "mask")
        guard lengths.contains(where: { $0 < shape[1] }) else { return self }
        let x = try contiguous()
        let result = try Tensor.undefined(shape, on: backend)
        try backend.maskFrames(x.detached, lengths: lengths, into: result)
        return result.recording([x]) { MaskOperation(lengths: lengths) }
    }

    /// Lengths of all sequences of `[B, T, …]`, checked.
    func frameLengths(_ lengths: [Int]?, for operation: String) throws(TensorError) -> [Int] {
        guard rank >= 2 else {
            throw .invalidShape(operation: operation, shape: shape, reason: "it is not [batch, frames, …]")
        }
        let (batch, frames) = (shape[0], shape[1])
        guard let lengths else { return [Int](repeating: frames, count: batch) }
        guard lengths.count == batch, lengths.allSatisfy({ (0...frames).contains($0) }) else {
            let reason =
                "\(lengths.count) lengths are given, from \(lengths.min() ?? 0) to \(lengths.max() ?? 0)"
            throw .invalidShape(operation: operation, shape: shape, reason: reason)
        }
        return lengths
    }
}

/// Zeros after the valid frames; none of them carries a derivative.
struct MaskOperation: Operation {
    static let name = "mask"
    let lengths: [Int]

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        [.fresh(try upstream.maskingFrames(beyond: lengths))]
    }
}

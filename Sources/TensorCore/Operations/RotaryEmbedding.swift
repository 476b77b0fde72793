extension Tensor {
    /// Turns pairs of features by angles that grow with the position, so that products depend on distances alone.
    ///
    /// Pairs are `(i, i + D/2)`; the angle at position `p` is `p · base^(−2i/D)`.
    /// Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
    ///
    /// - Parameters:
    ///   - start: the position of the first frame.
    ///   - base: how slowly the slowest pair turns; positive.
    /// - Returns: `[B, T, H, D]`, like this.
    /// - Throws: ``TensorError`` where D is odd, the rank is not 4, or the start or the base is out of its range.
    public func rotated(start: Int = 0, base: Float = 10_000) throws(TensorError) -> Tensor {
        try requireFloat("rotary embedding")
        guard rank == 4, shape[3].isMultiple(of: 2) else {
            throw .invalidShape(
                operation: "rotary embedding",
                shape: shape,
                reason: "it takes [B, T, H, D] with an even D"
            )
        }
        guard start >= 0, start <= 1 << 40 else {
            throw .invalidArgument(operation: "rotary embedding", reason: "\(start) is no position")
        }
        guard base > 0, base.isFinite else {
            throw .invalidArgument(
                operation: "rotary embedding",
                reason: "the base \(base) is not a positive number"
            )
        }
        let x = layout.strides[3] == 1 || shape[3] <= 1 ? self : try contiguous()
        let table = try RotaryTable.rows(
            start..<start + shape[1],
            pairCount: shape[3] / 2,
            base: base,
            on: backend
        )
        let result = try Tensor.undefined(shape, on: backend)
        try backend.rotate(x.detached, cosines: table.cosines, sines: table.sines, sign: 1, into: result)
        return result.recording([x]) { RotationOperation(cosines: table.cosines, sines: table.sines) }
    }
}

/// A rotation; its derivative is turned back.
struct RotationOperation: Operation {
    static let name = "rotary embedding"
    let cosines: Tensor
    let sines: Tensor

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let derivative = try Tensor.undefined(upstream.shape, on: upstream.backend)
        try upstream.backend.rotate(upstream, cosines: cosines, sines: sines, sign: -1, into: derivative)
        return [.fresh(derivative)]
    }
}

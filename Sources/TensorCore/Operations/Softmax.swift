extension Tensor {
    /// `eˣ / Σ eˣ` over the last axis.
    ///
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func softmax() throws(TensorError) -> Tensor { try softmax(isLogarithm: false) }

    /// The logarithm of ``softmax()``, without rounding small weights to 0 first.
    ///
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func logSoftmax() throws(TensorError) -> Tensor { try softmax(isLogarithm: true) }

    private func softmax(isLogarithm: Bool) throws(TensorError) -> Tensor {
        try requireFloat("softmax")
        let x = try contiguous()
        let result = try Tensor.undefined(shape, on: backend)
        try backend.softmax(x.detached, isLogarithm: isLogarithm, into: result)
        return result.recording([x]) { SoftmaxOperation(result: result, isLogarithm: isLogarithm) }
    }
}

/// Weights of rows: `dx = p·(dp − Σ p·dp)`; of their logarithms: `dx = dy − p·Σ dy`.
struct SoftmaxOperation: Operation {
    static let name = "softmax"
    let result: Tensor
    let isLogarithm: Bool

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let derivative = try Tensor.undefined(result.shape, on: result.backend)
        try result.backend.softmaxDerivative(
            result,
            isLogarithm: isLogarithm,
            upstream: upstream,
            into: derivative
        )
        return [.fresh(derivative)]
    }
}

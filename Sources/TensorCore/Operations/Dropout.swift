extension Tensor {
    /// Takes some elements away at random, and makes up for them in the others.
    ///
    /// Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014.
    ///
    /// - Parameter key: which ones; nil for none.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func dropout(_ key: DropoutKey?) throws(TensorError) -> Tensor {
        guard let key, key.probability > 0 else { return self }
        try requireFloat("dropout")
        let x = try contiguous()
        let result = try Tensor.undefined(shape, on: backend)
        try backend.dropout(x.detached, key, into: result)
        return result.recording([x]) { DropoutOperation(key: key) }
    }
}

/// What was taken away has no derivative; which elements they are follows from the key.
struct DropoutOperation: Operation {
    static let name = "dropout"
    let key: DropoutKey

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let derivative = try Tensor.undefined(upstream.shape, on: upstream.backend)
        try upstream.backend.dropout(upstream, key, into: derivative)
        return [.fresh(derivative)]
    }
}

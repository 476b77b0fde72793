extension Tensor {
    /// The product of the matrices in the last two axes; leading axes stretch to each other.
    ///
    /// A transposed view costs nothing: BLAS reads it in place.
    ///
    /// - Parameter other: `[…, K, N]`, where this is `[…, M, K]`.
    /// - Returns: `[…, M, N]`.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func matrixMultiplied(by other: Tensor) throws(TensorError) -> Tensor {
        try requireFloat("matmul")
        try other.requireFloat("matmul")
        guard rank >= 2, other.rank >= 2, shape[-1] == other.shape[-2] else {
            throw .shapeMismatch(operation: "matmul", left: shape, right: other.shape)
        }
        let batch = try Shape(shape.dimensions.dropLast(2))
            .broadcast(with: Shape(other.shape.dimensions.dropLast(2)), for: "matmul")
        let result = try Tensor.undefined(
            Shape(batch.dimensions + [shape[-2], other.shape[-1]]),
            on: backend
        )
        try Self.multiply(self, other, batch: batch, into: result)
        return result.recording([self, other]) {
            MatrixMultiplicationOperation(
                left: detached,
                right: other.detached,
                leftIsTracked: node != nil,
                rightIsTracked: other.node != nil
            )
        }
    }

    private static func multiply(
        _ left: Tensor,
        _ right: Tensor,
        batch: Shape,
        into result: Tensor
    ) throws(TensorError) {
        let first = try matrices(left, batch: batch)
        let second = try matrices(right, batch: batch)
        let output = try matrices(result, batch: batch)
        try left.backend.multiply(first, second, scale: 1, keep: 0, into: output)
    }

    /// The last two axes as matrices, copied where BLAS cannot read them in place.
    static func matrices(_ tensor: Tensor, batch: Shape) throws(TensorError) -> MatrixBatch {
        if let matrices = MatrixBatch(tensor, batch: batch) { return matrices }
        guard let matrices = MatrixBatch(try tensor.detached.contiguous(), batch: batch) else {
            throw .invalidShape(
                operation: "matmul",
                shape: tensor.shape,
                reason: "it does not stretch to \(batch)"
            )
        }
        return matrices
    }

    /// Rows through a linear map, with what follows it in the same pass.
    ///
    /// - Parameters:
    ///   - weight: `[outputs, inputs]`, as PyTorch keeps it.
    ///   - bias: `[outputs]`, or nil.
    ///   - activation: what is done to every number of the result.
    /// - Returns: `[…, outputs]`, where this is `[…, inputs]`.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func linear(
        _ weight: Tensor,
        bias: Tensor? = nil,
        activation: Activation = .none
    ) throws(TensorError) -> Tensor {
        try requireFloat("linear")
        try weight.requireFloat("linear")
        guard rank >= 1, weight.rank == 2, shape.last == weight.shape[1] else {
            throw .shapeMismatch(operation: "linear", left: shape, right: weight.shape)
        }
        if let bias, bias.shape != [weight.shape[0]] {
            throw .shapeMismatch(operation: "linear bias", left: weight.shape, right: bias.shape)
        }
        let target = Shape(shape.dimensions.dropLast() + [weight.shape[0]])
        let rows = try reshaped(to: [shape.rowCount, shape.last])
        let result = try Tensor.undefined(target, on: backend)
        let inputs = [rows, weight] + (bias.map { [$0] } ?? [])
        let isTracked = GradientMode.isRecording && inputs.contains { $0.node != nil }
        let before = isTracked && activation != .none ? try Tensor.undefined(target, on: backend) : nil
        try backend.linear(
            try Self.matrices(rows, batch: []),
            try Self.matrices(try weight.transposed(), batch: []),
            bias: try bias?.detached.contiguous(),
            activation: activation,
            before: before,
            into: result
        )
        return result.recording(inputs) {
            LinearOperation(
                x: rows.detached,
                weight: weight.detached,
                before: before,
                activation: activation,
                inputIsTracked: rows.node != nil,
                weightIsTracked: weight.node != nil,
                bias: bias.map { $0.node != nil }
            )
        }
    }
}

/// `C = A·B`: `dA = dC·Bᵀ`, `dB = Aᵀ·dC`, summed over what was repeated.
struct MatrixMultiplicationOperation: Operation {
    static let name = "matmul"
    let left: Tensor
    let right: Tensor
    let leftIsTracked: Bool
    let rightIsTracked: Bool

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        var contributions: [Contribution?] = [nil, nil]
        if leftIsTracked {
            let product = try upstream.matrixMultiplied(by: right.transposed())
            contributions[0] = .fresh(try product.summed(to: left.shape))
        }
        if rightIsTracked {
            let product = try left.transposed().matrixMultiplied(by: upstream)
            contributions[1] = .fresh(try product.summed(to: right.shape))
        }
        return contributions
    }
}

/// `y = f(x·Wᵀ + b)`, with `z` before `f`: `dz = dy·f′(z)`, `dx = dz·W`, `dW = dzᵀ·x`, `db = Σ dz`.
struct LinearOperation: Operation {
    static let name = "linear"
    /// `[rows, inputs]`.
    let x: Tensor
    let weight: Tensor
    /// Before the activation; nil where there is none.
    let before: Tensor?
    let activation: Activation
    let inputIsTracked: Bool
    let weightIsTracked: Bool
    /// Whether there is a bias, and whether it is tracked.
    let bias: Bool?

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let inner = try activation.derivative(before: before, upstream)
            .reshaped(to: [x.shape[0], weight.shape[0]])
        var contributions: [Contribution?] = [nil, nil]
        if inputIsTracked { contributions[0] = .fresh(try inner.matrixMultiplied(by: weight)) }
        if weightIsTracked { contributions[1] = .fresh(try inner.transposed().matrixMultiplied(by: x)) }
        if let bias { contributions.append(bias ? .fresh(try inner.summedRows()) : nil) }
        return contributions
    }
}

extension Tensor {
    /// `x·Φ(x)`, with the exact Φ.
    ///
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func gelu() throws(TensorError) -> Tensor { try applying(.gelu) }

    /// `x·sigmoid(x)`.
    ///
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func silu() throws(TensorError) -> Tensor { try applying(.silu) }

    /// `1 / (1 + e⁻ˣ)`.
    ///
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func sigmoid() throws(TensorError) -> Tensor { try applying(.sigmoid) }

    /// A function of each number.
    ///
    /// - Parameter function: which.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func applying(_ function: UnaryFunction) throws(TensorError) -> Tensor {
        try requireFloat(function.rawValue)
        let x = try contiguous()
        let result = try Tensor.undefined(shape, on: backend)
        try backend.apply(function, x.detached, into: result)
        return result.recording([x]) {
            UnaryOperation(function: function, saved: function.savesInput ? x.detached : result)
        }
    }

    /// `scale · x + offset`.
    ///
    /// - Parameters:
    ///   - scale: the factor.
    ///   - offset: what is added.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func scaled(by scale: Float, adding offset: Float = 0) throws(TensorError) -> Tensor {
        try requireFloat("scale")
        let x = try contiguous()
        let result = try Tensor.undefined(shape, on: backend)
        try backend.affine(x.detached, scale: scale, offset: offset, into: result)
        return result.recording([x]) { ScaleOperation(scale: scale) }
    }

    /// The sum, element by element; shapes stretch to each other.
    ///
    /// - Parameter other: the other summand.
    /// - Returns: a tensor of the common shape.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func adding(_ other: Tensor) throws(TensorError) -> Tensor {
        try combined(.add, other) { _, _ in AddOperation(left: shape, right: other.shape, sign: 1) }
    }

    /// The difference, element by element; shapes stretch to each other.
    ///
    /// - Parameter other: what is taken away.
    /// - Returns: a tensor of the common shape.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func subtracting(_ other: Tensor) throws(TensorError) -> Tensor {
        try combined(.subtract, other) { _, _ in AddOperation(left: shape, right: other.shape, sign: -1) }
    }

    /// The product, element by element; shapes stretch to each other.
    ///
    /// - Parameter other: the other factor.
    /// - Returns: a tensor of the common shape.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func multiplying(_ other: Tensor) throws(TensorError) -> Tensor {
        try combined(.multiply, other) { left, right in
            MultiplyOperation(
                left: left,
                right: right,
                leftIsTracked: node != nil,
                rightIsTracked: other.node != nil
            )
        }
    }

    /// The quotient, element by element; shapes stretch to each other.
    ///
    /// - Parameter other: the divisor.
    /// - Returns: a tensor of the common shape.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func divided(by other: Tensor) throws(TensorError) -> Tensor {
        try combined(.divide, other) { left, right in DivideOperation(left: left, right: right) }
    }

    private func combined(
        _ function: BinaryFunction,
        _ other: Tensor,
        _ operation: (Tensor, Tensor) -> any Operation
    ) throws(TensorError) -> Tensor {
        try requireFloat(function.rawValue)
        try other.requireFloat(function.rawValue)
        let target = try shape.broadcast(with: other.shape, for: function.rawValue)
        let result = try Tensor.undefined(target, on: backend)
        // A broadcast to a broadcast shape always exists.
        guard let left = layout.broadcast(to: target), let right = other.layout.broadcast(to: target) else {
            throw .shapeMismatch(operation: function.rawValue, left: shape, right: other.shape)
        }
        try backend.combine(function, with(left), other.with(right), into: result)
        return result.recording([self, other]) { operation(detached, other.detached) }
    }
}

/// A function of each number.
struct UnaryOperation: Operation {
    static let name = "unary"
    let function: UnaryFunction
    let saved: Tensor

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let derivative = try Tensor.undefined(upstream.shape, on: upstream.backend)
        try upstream.backend.applyDerivative(function, saved: saved, upstream: upstream, into: derivative)
        return [.fresh(derivative)]
    }
}

/// A multiple of each number, shifted.
struct ScaleOperation: Operation {
    static let name = "scale"
    let scale: Float

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        guard scale != 1 else { return [.whole(upstream)] }
        return [.fresh(try upstream.scaled(by: scale))]
    }
}

/// A sum or a difference.
struct AddOperation: Operation {
    static let name = "add"
    let left: Shape
    let right: Shape
    let sign: Float

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let second = sign == 1 ? upstream : try upstream.scaled(by: sign)
        return [.whole(try upstream.summed(to: left)), .whole(try second.summed(to: right))]
    }
}

/// A product: each factor's derivative is the other.
struct MultiplyOperation: Operation {
    static let name = "multiply"
    let left: Tensor
    let right: Tensor
    let leftIsTracked: Bool
    let rightIsTracked: Bool

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        var contributions: [Contribution?] = [nil, nil]
        if leftIsTracked {
            contributions[0] = .whole(try upstream.multiplying(right).summed(to: left.shape))
        }
        if rightIsTracked {
            contributions[1] = .whole(try upstream.multiplying(left).summed(to: right.shape))
        }
        return contributions
    }
}

/// A quotient: `d(a/b) = da/b − a·db/b²`.
struct DivideOperation: Operation {
    static let name = "divide"
    let left: Tensor
    let right: Tensor

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let first = try upstream.divided(by: right)
        let second = try first.multiplying(left).divided(by: right).scaled(by: -1)
        return [.whole(try first.summed(to: left.shape)), .whole(try second.summed(to: right.shape))]
    }
}

extension Activation {
    /// The derivative for what an activation got; that of its result where there is none.
    ///
    /// - Parameters:
    ///   - before: what it got; nil where there is none.
    ///   - upstream: the derivative for its result.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError`` where memory or the device fails.
    func derivative(before: Tensor?, _ upstream: Tensor) throws(TensorError) -> Tensor {
        guard let before, let function else { return upstream }
        let derivative = try Tensor.undefined(upstream.shape, on: upstream.backend)
        try upstream.backend.applyDerivative(function, saved: before, upstream: upstream, into: derivative)
        return derivative
    }
}

extension Tensor {
    /// The sum of all numbers.
    ///
    /// - Returns: a tensor of rank 0.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func sum() throws(TensorError) -> Tensor {
        try reshaped(to: [elementCount]).sum(axis: 0)
    }

    /// The mean of all numbers; NaN of none.
    ///
    /// - Returns: a tensor of rank 0.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func mean() throws(TensorError) -> Tensor { try sum().scaled(by: 1 / Float(elementCount)) }

    /// The sums along one axis.
    ///
    /// - Parameters:
    ///   - axis: the axis; negative counts from the end.
    ///   - keepingAxis: whether it stays with the length 1.
    /// - Returns: a contiguous tensor.
    /// - Throws: ``TensorError/invalidShape(operation:shape:reason:)`` where there is no such axis.
    public func sum(axis: Int, keepingAxis: Bool = false) throws(TensorError) -> Tensor {
        try requireFloat("sum")
        let axis = try shape.index(ofAxis: axis, for: "sum")
        let x = try contiguous()
        var kept = shape.dimensions
        kept[axis] = 1
        var dimensions = shape.dimensions
        dimensions.remove(at: axis)
        let result = try Tensor.undefined(Shape(dimensions), on: backend)
        try backend.sum(
            x.detached,
            outer: shape.dimensions.prefix(axis).reduce(1, *),
            axis: shape.dimensions[axis],
            inner: shape.dimensions.dropFirst(axis + 1).reduce(1, *),
            into: result
        )
        let source = shape
        let summed = result.recording([x]) { SumOperation(shape: source, kept: Shape(kept)) }
        return keepingAxis ? try summed.reshaped(to: Shape(kept)) : summed
    }

    /// The sums over all axes but the last: the derivative of a bias.
    func summedRows() throws(TensorError) -> Tensor {
        try reshaped(to: [shape.rowCount, shape.last]).sum(axis: 0)
    }

    /// The sums over everything that broadcasting to this shape would repeat: its derivative.
    func summed(to target: Shape) throws(TensorError) -> Tensor {
        var result = self
        while result.rank > target.rank { result = try result.sum(axis: 0) }
        for axis in 0..<target.rank where target.dimensions[axis] == 1 && result.shape.dimensions[axis] != 1 {
            result = try result.sum(axis: axis, keepingAxis: true)
        }
        return result
    }
}

/// Sums along an axis: every summand gets the derivative of its sum.
struct SumOperation: Operation {
    static let name = "sum"
    let shape: Shape
    let kept: Shape

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        [.whole(try upstream.reshaped(to: kept).broadcast(to: shape))]
    }
}

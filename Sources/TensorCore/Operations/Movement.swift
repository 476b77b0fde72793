extension Tensor {
    /// The elements one after another: itself where they are so, else a copy.
    ///
    /// - Returns: a contiguous tensor.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    public func contiguous() throws(TensorError) -> Tensor {
        guard !isContiguous else { return self }
        return try copied().recording([self]) { ReshapeOperation(shape: shape) }
    }

    /// A contiguous copy without a derivative.
    func copied() throws(TensorError) -> Tensor {
        let result = try Tensor.undefined(shape, elementType, on: backend)
        try backend.copy(self, to: result)
        return result
    }

    /// The same elements in other dimensions; copied only where the strides leave no other way.
    ///
    /// - Parameter target: the new dimensions, of as many elements.
    /// - Returns: a view where possible.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func reshaped(to target: Shape) throws(TensorError) -> Tensor {
        guard target.elementCount == elementCount else {
            throw .shapeMismatch(operation: "reshape", left: shape, right: target)
        }
        guard target != shape else { return self }
        let source = shape
        if let layout = layout.reshaped(to: target) {
            return with(layout).recording([self]) { ReshapeOperation(shape: source) }
        }
        return try contiguous().reshaped(to: target)
    }

    /// Two axes in each other's place, as a view.
    ///
    /// - Parameters:
    ///   - first: an axis; negative counts from the end.
    ///   - second: the other.
    /// - Returns: a view.
    /// - Throws: ``TensorError/invalidShape(operation:shape:reason:)`` where there is no such axis.
    public func transposed(_ first: Int = -2, _ second: Int = -1) throws(TensorError) -> Tensor {
        let first = try shape.index(ofAxis: first, for: "transpose")
        let second = try shape.index(ofAxis: second, for: "transpose")
        return with(layout.transposed(first, second)).recording([self]) {
            TransposeOperation(first: first, second: second)
        }
    }

    /// A range along one axis, as a view.
    ///
    /// - Parameters:
    ///   - axis: the axis; negative counts from the end.
    ///   - range: within its length.
    /// - Returns: a view of the same rank.
    /// - Throws: ``TensorError/invalidShape(operation:shape:reason:)`` where it lies outside.
    public func sliced(axis: Int, _ range: Range<Int>) throws(TensorError) -> Tensor {
        let axis = try shape.index(ofAxis: axis, for: "slice")
        guard range.lowerBound >= 0, range.upperBound <= shape.dimensions[axis] else {
            throw .invalidShape(
                operation: "slice",
                shape: shape,
                reason: "\(range) is outside of axis \(axis)"
            )
        }
        guard range.count != shape.dimensions[axis] else { return self }
        let source = shape
        return with(layout.sliced(axis: axis, range)).recording([self]) {
            SliceOperation(shape: source, axis: axis, start: range.lowerBound)
        }
    }

    /// The elements repeated to a larger shape, as a view.
    ///
    /// - Parameter target: a shape that this one stretches to.
    /// - Returns: a view.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func broadcast(to target: Shape) throws(TensorError) -> Tensor {
        guard target != shape else { return self }
        guard let layout = layout.broadcast(to: target) else {
            throw .shapeMismatch(operation: "broadcast", left: shape, right: target)
        }
        let source = shape
        return with(layout).recording([self]) { BroadcastOperation(shape: source) }
    }

    /// Tensors one after another along an axis.
    ///
    /// - Parameters:
    ///   - tensors: of equal dimensions but for that axis; at least one.
    ///   - axis: the axis; negative counts from the end.
    /// - Returns: a contiguous tensor.
    /// - Throws: ``TensorError`` where the shapes differ or there is none.
    public static func concatenated(_ tensors: [Tensor], axis: Int) throws(TensorError) -> Tensor {
        guard let first = tensors.first else {
            throw .invalidArgument(operation: "concatenate", reason: "there is nothing to put together")
        }
        let axis = try first.shape.index(ofAxis: axis, for: "concatenate")
        var dimensions = first.shape.dimensions
        dimensions[axis] = 0
        for tensor in tensors {
            try tensor.requireFloat("concatenate")
            var other = tensor.shape.dimensions
            guard other.count == dimensions.count else {
                throw .shapeMismatch(operation: "concatenate", left: first.shape, right: tensor.shape)
            }
            let length = other[axis]
            other[axis] = dimensions[axis]
            guard other == dimensions else {
                throw .shapeMismatch(operation: "concatenate", left: first.shape, right: tensor.shape)
            }
            dimensions[axis] += length
        }
        let result = try Tensor.zeros(Shape(dimensions), on: first.backend)
        var start = 0
        var lengths: [Int] = []
        for tensor in tensors {
            try result.addPart(tensor.detached, axis: axis, start: start)
            lengths.append(tensor.shape[axis])
            start += tensor.shape[axis]
        }
        return result.recording(tensors) { ConcatenateOperation(axis: axis, lengths: lengths) }
    }

    /// Adds numbers to a range along an axis, in place; for operations that own this memory.
    func addPart(_ part: Tensor, axis: Int, start: Int) throws(TensorError) {
        let range = start..<start + part.shape[axis]
        try backend.addScaled(try part.contiguous(), 1, into: detached.sliced(axis: axis, range))
    }
}

/// Another shape for the same elements in the same order.
struct ReshapeOperation: Operation {
    static let name = "reshape"
    let shape: Shape

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        [.whole(try upstream.reshaped(to: shape))]
    }
}

/// Two axes exchanged; the derivative is exchanged back.
struct TransposeOperation: Operation {
    static let name = "transpose"
    let first: Int
    let second: Int

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        [.whole(try upstream.transposed(first, second))]
    }
}

/// A range along an axis; the rest does not matter to the loss.
struct SliceOperation: Operation {
    static let name = "slice"
    let shape: Shape
    let axis: Int
    let start: Int

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        [.part(upstream, of: shape, axis: axis, start: start)]
    }
}

/// Repetition; the derivative is the sum over what was repeated.
struct BroadcastOperation: Operation {
    static let name = "broadcast"
    let shape: Shape

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        [.whole(try upstream.summed(to: shape))]
    }
}

/// Parts one after another; each gets its part of the derivative.
struct ConcatenateOperation: Operation {
    static let name = "concatenate"
    let axis: Int
    let lengths: [Int]

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        var start = 0
        var parts: [Contribution?] = []
        for length in lengths {
            parts.append(.whole(try upstream.sliced(axis: axis, start..<start + length)))
            start += length
        }
        return parts
    }
}

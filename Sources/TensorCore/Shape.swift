/// The dimensions of a tensor, outermost first; no dimensions for a single number.
public struct Shape: Hashable, Sendable {
    /// The length of every axis.
    public let dimensions: [Int]

    /// - Parameter dimensions: the length of every axis; none is negative.
    public init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "a dimension is negative: \(dimensions)")
        self.dimensions = dimensions
    }

    /// How many axes there are.
    public var rank: Int { dimensions.count }

    /// The product of all dimensions.
    public var elementCount: Int { dimensions.reduce(1, *) }

    /// The length of an axis; a negative one counts from the end.
    public subscript(axis: Int) -> Int { dimensions[axis < 0 ? rank + axis : axis] }

    /// The last dimension; 1 where there is none.
    public var last: Int { dimensions.last ?? 1 }

    /// The product of all dimensions but the last: how many rows there are.
    public var rowCount: Int { dimensions.dropLast().reduce(1, *) }

    /// Strides of elements that lie one after another, the last axis fastest.
    public var contiguousStrides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * dimensions[axis + 1]
        }
        return strides
    }

    /// An axis as a position from the start.
    ///
    /// - Parameters:
    ///   - axis: a position from the start, or a negative one from the end.
    ///   - operation: who asks, for the error.
    /// - Returns: a position from 0 up to the rank.
    /// - Throws: ``TensorError/invalidShape(operation:shape:reason:)`` where there is no such axis.
    public func index(ofAxis axis: Int, for operation: String) throws(TensorError) -> Int {
        let index = axis < 0 ? rank + axis : axis
        guard dimensions.indices.contains(index) else {
            throw .invalidShape(operation: operation, shape: self, reason: "it has no axis \(axis)")
        }
        return index
    }

    /// The shape that two shapes stretch to: axes are aligned at the end, and a length of 1 is repeated.
    ///
    /// Source: NumPy, "Broadcasting".
    ///
    /// - Parameters:
    ///   - other: the other shape.
    ///   - operation: who asks, for the error.
    /// - Returns: the common shape.
    /// - Throws: ``TensorError/shapeMismatch(operation:left:right:)``.
    public func broadcast(with other: Shape, for operation: String) throws(TensorError) -> Shape {
        var result = [Int](repeating: 1, count: max(rank, other.rank))
        for back in 1..<max(1, result.count + 1) {
            let left = back <= rank ? dimensions[rank - back] : 1
            let right = back <= other.rank ? other.dimensions[other.rank - back] : 1
            guard left == right || left == 1 || right == 1 else {
                throw .shapeMismatch(operation: operation, left: self, right: other)
            }
            result[result.count - back] = left == 1 ? right : left
        }
        return Shape(result)
    }
}

extension Shape: ExpressibleByArrayLiteral {
    /// The dimensions in order.
    public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
    /// `[2, 249, 768]`.
    public var description: String { "\(dimensions)" }
}

extension Tensor {
    /// Rows of a table by their numbers.
    ///
    /// - Parameters:
    ///   - ids: row numbers, in row-major order.
    ///   - shape: the dimensions of the ids.
    ///   - table: `[rows, D]`.
    ///   - padding: a row that learns nothing.
    /// - Returns: `shape + [D]`.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)`` where an id is no row of the table.
    public static func embedded(
        _ ids: [Int32],
        _ shape: Shape,
        table: Tensor,
        padding: Int32? = nil
    ) throws(TensorError) -> Tensor {
        try table.requireFloat("embedding")
        guard table.rank == 2 else {
            throw .invalidShape(operation: "embedding", shape: table.shape, reason: "a table is [rows, D]")
        }
        guard ids.count == shape.elementCount else {
            throw .invalidShape(operation: "embedding", shape: shape, reason: "\(ids.count) ids are given")
        }
        if let wrong = ids.first(where: { $0 < 0 || Int($0) >= table.shape[0] }) {
            throw .invalidArgument(
                operation: "embedding",
                reason: "the id \(wrong) is not among the \(table.shape[0]) rows of the table"
            )
        }
        let table = try table.contiguous()
        let result = try Tensor.undefined(Shape(shape.dimensions + [table.shape[1]]), on: table.backend)
        try table.backend.gather(table.detached, ids, into: result)
        return result.recording([table]) {
            EmbeddingOperation(ids: ids, shape: table.shape, padding: padding)
        }
    }

    /// Some rows along the first axis, in any order and as often as wanted.
    ///
    /// - Parameter rows: their numbers.
    /// - Returns: a copy, `[rows] + ` the other dimensions.
    /// - Throws: ``TensorError`` where there is no such row.
    public func rows(_ rows: [Int]) throws(TensorError) -> Tensor {
        guard rank > 0 else {
            throw .invalidShape(operation: "rows", shape: shape, reason: "a single number has no rows")
        }
        let rest = Array(shape.dimensions.dropFirst())
        let table = try reshaped(to: [shape[0], rest.reduce(1, *)])
        return try Tensor.embedded(rows.map { Int32(clamping: $0) }, [rows.count], table: table)
            .reshaped(to: Shape([rows.count] + rest))
    }
}

/// Rows of a table: each row gets the sum of what was asked of it.
struct EmbeddingOperation: Operation {
    static let name = "embedding"
    let ids: [Int32]
    let shape: Shape
    let padding: Int32?

    func backward(_ upstream: Tensor) throws(TensorError) -> [Contribution?] {
        let derivative = try Tensor.zeros(shape, on: upstream.backend)
        try upstream.backend.scatterAdd(upstream, ids, padding: padding, into: derivative)
        return [.fresh(derivative)]
    }
}

import TensorCore

/// What every part of a model asks of its sizes: they come from files, and must not trap.
enum ModelSizes {
    /// No size is larger: products of three, in bytes, stay below 2⁶³.
    static let largest = 1 << 20

    /// Fails where a size is out of its range.
    ///
    /// - Parameters:
    ///   - sizes: by name.
    ///   - smallest: the least that suits.
    ///   - part: of the model, for the error.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)``.
    static func require(
        _ sizes: (name: String, value: Int)...,
        from smallest: Int = 1,
        for part: String
    ) throws(TensorError) {
        for size in sizes where !(smallest...largest).contains(size.value) {
            throw .invalidArgument(
                operation: part,
                reason: "\(size.name) is \(size.value); it must be from \(smallest) to \(largest)"
            )
        }
    }

    /// Fails where the width does not divide into heads, or a head not into pairs that are rotated.
    ///
    /// - Parameters:
    ///   - width: the model's width.
    ///   - headCount: how many heads it is divided into.
    ///   - part: of the model, for the error.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)``.
    static func requireHeads(width: Int, headCount: Int, for part: String) throws(TensorError) {
        try require(("the width", width), ("the number of heads", headCount), for: part)
        guard width.isMultiple(of: headCount), (width / headCount).isMultiple(of: 2) else {
            throw .invalidArgument(
                operation: part,
                reason: "the width \(width) does not divide into \(headCount) heads of even width"
            )
        }
    }
}

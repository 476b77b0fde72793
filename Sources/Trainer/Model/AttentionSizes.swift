import TensorCore

/// What all attention with rotated heads asks of its sizes.
struct AttentionSizes {
    /// The model's width.
    let width: Int
    /// How many heads it is divided into.
    let headCount: Int

    /// Fails where the width does not divide into heads, or a head not into pairs that are rotated.
    ///
    /// - Parameter part: of the model, for the error.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)``.
    func validate(for part: String) throws(TensorError) {
        try Self.require(("width", width), ("heads", headCount), for: part)
        guard width.isMultiple(of: headCount), (width / headCount).isMultiple(of: 2) else {
            throw .invalidArgument(
                operation: part,
                reason: "the width \(width) does not divide into \(headCount) heads of even width"
            )
        }
    }

    /// Fails where a size is not positive.
    ///
    /// - Parameters:
    ///   - sizes: by name.
    ///   - part: of the model, for the error.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)``.
    static func require(_ sizes: (name: String, value: Int)..., for part: String) throws(TensorError) {
        for size in sizes where size.value < 1 {
            throw .invalidArgument(
                operation: part,
                reason: "\(size.name): \(size.value); it must be at least 1"
            )
        }
    }
}

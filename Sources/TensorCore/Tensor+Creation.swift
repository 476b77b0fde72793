extension Tensor {
    /// A tensor whose numbers are still to be written; for operations.
    ///
    /// - Parameters:
    ///   - shape: the dimensions.
    ///   - elementType: what one element is.
    ///   - backend: where it lies.
    /// - Returns: contiguous memory with undefined contents.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    public static func undefined(
        _ shape: Shape,
        _ elementType: ElementType = .float32,
        on backend: any Backend = CPUBackend.shared
    ) throws(TensorError) -> Tensor {
        let byteCount = shape.elementCount * elementType.byteCount
        let storage = try backend.allocate(byteCount: byteCount, elementType)
        return Tensor(storage: storage, layout: Layout(contiguous: shape))
    }

    /// A tensor of given numbers.
    ///
    /// - Parameters:
    ///   - values: the numbers in row-major order.
    ///   - shape: the dimensions.
    ///   - backend: where it is to lie.
    /// - Throws: ``TensorError/invalidShape(operation:shape:reason:)`` where the count differs.
    public init(
        _ values: [Float],
        _ shape: Shape,
        on backend: any Backend = CPUBackend.shared
    ) throws(TensorError) {
        guard values.count == shape.elementCount else {
            throw .invalidShape(
                operation: "tensor",
                shape: shape,
                reason: "\(values.count) numbers are given"
            )
        }
        let tensor = try Tensor.undefined(shape, on: backend)
        try backend.upload(values, to: tensor)
        self = tensor
    }

    /// A single number, of rank 0.
    ///
    /// - Parameters:
    ///   - value: the number.
    ///   - backend: where it is to lie.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    public init(_ value: Float, on backend: any Backend = CPUBackend.shared) throws(TensorError) {
        try self.init([value], [], on: backend)
    }

    /// A tensor filled with one number.
    ///
    /// - Parameters:
    ///   - value: the number.
    ///   - shape: the dimensions.
    ///   - backend: where it is to lie.
    /// - Returns: a contiguous tensor.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    public static func full(
        _ value: Float,
        _ shape: Shape,
        on backend: any Backend = CPUBackend.shared
    ) throws(TensorError) -> Tensor {
        let tensor = try undefined(shape, on: backend)
        try backend.fill(tensor, value)
        return tensor
    }

    /// A tensor of zeros.
    ///
    /// - Parameters:
    ///   - shape: the dimensions.
    ///   - backend: where it is to lie.
    /// - Returns: a contiguous tensor.
    /// - Throws: ``TensorError/outOfMemory(byteCount:)``.
    public static func zeros(
        _ shape: Shape,
        on backend: any Backend = CPUBackend.shared
    ) throws(TensorError) -> Tensor {
        try full(0, shape, on: backend)
    }

    /// The numbers in row-major order, converted to float32.
    ///
    /// - Returns: as many as there are elements.
    /// - Throws: ``TensorError`` where a device fails.
    public func floats() throws(TensorError) -> [Float] {
        let plain = try detached.converted(to: .float32).contiguous()
        return try backend.download(plain)
    }

    /// The only number of a tensor that has one element.
    ///
    /// - Returns: the number.
    /// - Throws: ``TensorError/invalidShape(operation:shape:reason:)`` where there are more or none.
    public func item() throws(TensorError) -> Float {
        guard elementCount == 1, let value = try floats().first else {
            throw .invalidShape(operation: "item", shape: shape, reason: "it is not a single number")
        }
        return value
    }

    /// The same numbers as other elements; rounded to the nearest, and to the nearest even in the middle.
    ///
    /// Carries no derivative.
    ///
    /// - Parameter type: what one element is to be.
    /// - Returns: itself where nothing changes.
    /// - Throws: ``TensorError`` where memory or the device fails.
    public func converted(to type: ElementType) throws(TensorError) -> Tensor {
        guard type != elementType else { return self }
        let source = try detached.contiguous()
        let result = try Tensor.undefined(shape, type, on: backend)
        try backend.convert(source, to: result)
        return result
    }

    /// Fails where the elements are not float32.
    func requireFloat(_ operation: String) throws(TensorError) {
        guard elementType == .float32 else {
            throw .elementType(operation: operation, found: elementType, expected: .float32)
        }
    }
}

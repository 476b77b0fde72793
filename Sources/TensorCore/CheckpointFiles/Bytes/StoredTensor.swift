/// A tensor as it lies in a file or in memory: elements of any type, possibly a view with strides.
///
/// It holds on to the bytes it looks at, and copies them only where it must: to follow strides or to convert.
public struct StoredTensor: Sendable {
    /// What one element is.
    public let elementType: ElementType
    let owner: TensorBytes
    /// Where its storage begins in the owner's bytes.
    private let storageStart: Int
    let layout: TensorLayout

    /// A view of some bytes.
    ///
    /// - Parameters:
    ///   - owner: is kept alive.
    ///   - storage: the bytes that `strides` and `offset` count in; all of the owner's unless given.
    ///   - elementType: what one element is.
    ///   - shape: the dimensions, outermost first; empty for a single number.
    ///   - strides: the distances between neighbours along each axis, in elements; those of contiguous rows unless
    ///     given.
    ///   - offset: the first element, counted from the storage's start.
    /// - Throws: ``CheckpointFileError/invalidTensor(name:reason:)`` where that reaches beyond the storage.
    public init(
        _ owner: TensorBytes,
        storage: Range<Int>? = nil,
        elementType: ElementType,
        shape: [Int],
        strides: [Int]? = nil,
        offset: Int = 0
    ) throws(CheckpointFileError) {
        let storage = storage ?? 0..<owner.count
        guard storage.lowerBound >= 0, storage.upperBound <= owner.count else {
            throw .invalidTensor(name: "", reason: "its storage lies outside the file")
        }
        let size = elementType.byteCount
        do {
            layout = try TensorLayout(
                shape: shape,
                strides: strides,
                offset: offset,
                storageCount: storage.count / size,
                elementByteCount: max(size, MemoryLayout<Double>.size)
            )
        } catch {
            throw .invalidTensor(name: "", reason: error.text)
        }
        self.elementType = elementType
        self.owner = owner
        storageStart = storage.lowerBound
    }

    /// A tensor of its own memory.
    ///
    /// - Parameters:
    ///   - floats: the elements, rows first.
    ///   - shape: the dimensions; the product must be the number of elements.
    /// - Throws: ``CheckpointFileError/invalidTensor(name:reason:)``.
    public init(floats: [Float], shape: [Int]) throws(CheckpointFileError) {
        let bytes = unsafe TensorBytes(count: floats.count * MemoryLayout<Float>.size) { memory in
            unsafe floats.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
        }
        try self.init(exactly: bytes, elementType: .float32, shape: shape)
    }

    /// A tensor of its own memory.
    ///
    /// - Parameters:
    ///   - bytes: the elements, rows first, little-endian.
    ///   - elementType: what one element is.
    ///   - shape: the dimensions; the product must be the number of elements.
    /// - Throws: ``CheckpointFileError/invalidTensor(name:reason:)``.
    public init(bytes: [UInt8], elementType: ElementType, shape: [Int]) throws(CheckpointFileError) {
        try self.init(exactly: TensorBytes(bytes), elementType: elementType, shape: shape)
    }

    private init(
        exactly bytes: TensorBytes,
        elementType: ElementType,
        shape: [Int]
    ) throws(CheckpointFileError) {
        try self.init(bytes, elementType: elementType, shape: shape)
        guard byteCount == bytes.count else {
            throw .invalidTensor(
                name: "",
                reason:
                    "the shape \(shape) of \(elementType.rawValue) takes \(byteCount) bytes, not \(bytes.count)"
            )
        }
    }

    /// The dimensions, outermost first; empty for a single number.
    public var shape: [Int] { layout.shape }
    /// The distances between neighbours along each axis, in elements.
    public var strides: [Int] { layout.strides }
    /// The product of the dimensions.
    public var elementCount: Int { layout.count }
    /// How many bytes the elements take when they stand alone.
    public var byteCount: Int { layout.count * elementType.byteCount }
    /// Whether the elements follow each other without gaps, so that no copy is needed to see them so.
    public var isContiguous: Bool { layout.isContiguous }

    /// Which bytes a contiguous tensor is, and who owns them: for those that go on using them in place.
    ///
    /// Nil for a view with gaps. The bytes are aligned only as the file happens to be.
    public var contiguousBytes: (owner: TensorBytes, range: Range<Int>)? {
        guard isContiguous else { return nil }
        let start = layout.count == 0 ? storageStart : storageStart + layout.offset * elementType.byteCount
        return (owner, start..<start + byteCount)
    }

    /// Calls `body` with the elements, rows first, little-endian; without a copy where they are contiguous.
    ///
    /// - Parameter body: must not keep the pointer, which is aligned only as the file happens to be.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public func withContiguousBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if let (owner, range) = contiguousBytes { return try unsafe owner.withBytes(range, body) }
        let copy = unsafe TensorBytes(count: byteCount) { unsafe gather(0..<elementCount, into: $0) }
        return try unsafe copy.withBytes(0..<byteCount, body)
    }

    /// The bytes of the storage, for those who follow the layout themselves.
    func withStorage<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result? {
        unsafe owner.withBytes(storageStart..<owner.count) { bytes in
            unsafe bytes.baseAddress.map { unsafe body($0) }
        }
    }

    /// The SHA-256 of the contiguous little-endian bytes, 64 hexadecimal digits: of equal tensors equal, however
    /// they are stored.
    public var sha256: String { unsafe withContiguousBytes { unsafe TensorDigest.sha256($0) } }
}

/// A tensor and what it is called.
public struct NamedTensor: Sendable {
    /// Its path in the model: `encoder.layers.0.fc.weight`.
    public var name: String
    /// Its elements.
    public var tensor: StoredTensor

    /// Pairs the two.
    ///
    /// - Parameters:
    ///   - name: the path in the model.
    ///   - tensor: the elements.
    public init(_ name: String, _ tensor: StoredTensor) {
        self.name = name
        self.tensor = tensor
    }
}

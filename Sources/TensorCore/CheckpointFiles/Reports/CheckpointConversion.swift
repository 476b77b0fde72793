/// Writes a checkpoint's tensors as safetensors: other programs read that, and it is opened without reading it.
public struct CheckpointConversion: Sendable {
    /// What floating-point elements become; nil keeps them as they are.
    ///
    /// Integers and booleans stay.
    public var floatType: ElementType?
    /// Tensors whose names begin otherwise are left out.
    public var prefix: String

    /// What was done.
    public struct Outcome: Sendable {
        /// How many tensors were written.
        public let tensorCount: Int
        /// The bytes of their elements.
        public let byteCount: Int
        /// How many finite numbers were beyond the new type's range and became infinite.
        public let overflowCount: Int
        /// What the checkpoint holds besides, which safetensors has no place for.
        public let leftOut: [String]
    }

    /// A conversion.
    ///
    /// - Parameters:
    ///   - floatType: what floating-point elements become; nil keeps them as they are.
    ///   - prefix: of the names to keep; empty keeps all.
    public init(floatType: ElementType? = nil, prefix: String = "") {
        self.floatType = floatType
        self.prefix = prefix
    }

    /// Converts one checkpoint, after comparing it with its checksums.
    ///
    /// - Parameters:
    ///   - checkpoint: an open file; may be the one at `path`.
    ///   - path: where the new file goes; replaced whole or not at all.
    ///   - synchronizing: whether to wait for the device.
    /// - Returns: what was done.
    /// - Throws: ``CheckpointFileError``.
    public func run(
        _ checkpoint: Checkpoint,
        to path: String,
        synchronizing: Bool = true
    ) throws(CheckpointFileError) -> Outcome {
        try checkpoint.verifyChecksums()
        let kept = checkpoint.tensors.filter { $0.name.hasPrefix(prefix) }
        guard !kept.isEmpty || checkpoint.tensors.isEmpty else {
            let first = checkpoint.tensors.first.map { CheckpointFileError.printable($0.name) } ?? ""
            throw .unwritable(
                path: path,
                reason: "no tensor's name begins with \(prefix); the first is \(first)"
            )
        }
        let entries = kept.map { entry in
            let isConverted = entry.tensor.elementType.isFloatingPoint
            return SafetensorsFile.Entry(
                entry.name,
                entry.tensor,
                storedType: isConverted ? floatType : nil
            )
        }
        var metadata = checkpoint.metadata
        // Readers of published models ask for it.
        if metadata["format"] == nil { metadata["format"] = "pt" }
        try SafetensorsFile.write(
            entries,
            metadata: metadata,
            to: path,
            synchronizing: synchronizing,
            checksumming: metadata[ContentChecksum.key] != nil
        )
        return Outcome(
            tensorCount: entries.count,
            byteCount: entries.reduce(0) { $0 + $1.tensor.elementCount * $1.storedType.byteCount },
            overflowCount: entries.reduce(0) { $0 + $1.tensor.overflowCount(as: $1.storedType) },
            leftOut: checkpoint.state.entries.map(\.key.description)
        )
    }
}

extension StoredTensor {
    /// How many finite elements are too large for `type`.
    func overflowCount(as type: ElementType) -> Int {
        guard type.isFloatingPoint, type != elementType else { return 0 }
        // Half a unit in the last place beyond the largest number, where rounding goes to infinity.
        let limit: Double =
            switch type {
            case .float16: 65_520
            case .bfloat16: 0x1.FFp127
            case .float32: 0x1.FFFFFFp127
            default: .infinity
            }
        var total = 0
        for start in stride(from: 0, to: elementCount, by: Self.chunkCount) {
            let numbers = doubles(start..<min(start + Self.chunkCount, elementCount))
            total += numbers.count { $0.isFinite && $0.magnitude >= limit }
        }
        return total
    }
}

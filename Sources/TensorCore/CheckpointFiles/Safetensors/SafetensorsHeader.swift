/// What the JSON at the start of a safetensors file says, as it stands there.
struct SafetensorsHeader: Sendable {
    struct Entry: Sendable {
        var name: String
        var elementType: ElementType
        var shape: [Int]
        /// Of the bytes, counted from the end of the header.
        var range: Range<Int>
    }

    /// The key that holds texts instead of a tensor.
    static let metadataKey = "__metadata__"

    var entries: [Entry] = []
    var metadata: [String: String] = [:]

    /// Reads the text.
    init(_ bytes: [UInt8], path: String, start: Int) throws(CheckpointFileError) {
        var scanner = HeaderScanner(bytes, path: path, start: start)
        try scanner.object("the header") { (name, scanner) throws(CheckpointFileError) in
            if name == Self.metadataKey {
                try scanner.object(Self.metadataKey) { (key, scanner) throws(CheckpointFileError) in
                    metadata[key] = try scanner.string("the text \(CheckpointFileError.printable(key))")
                }
            } else {
                entries.append(try Self.entry(name, &scanner, path))
            }
        }
        try scanner.finish()
    }

    private static func entry(
        _ name: String,
        _ scanner: inout HeaderScanner,
        _ path: String
    ) throws(CheckpointFileError) -> Entry {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object("the entry of \(CheckpointFileError.printable(name))") {
            (key, scanner) throws(CheckpointFileError) in
            switch key {
            case "dtype": type = try scanner.string("dtype")
            case "shape": shape = try scanner.integers("shape", limit: TensorLayout.maximumRank)
            case "data_offsets": offsets = try scanner.integers("data_offsets", limit: 2)
            default:
                throw scanner.damage("unknown key \(CheckpointFileError.printable(key)) in a tensor's entry")
            }
        }
        guard let type, let shape, let offsets else {
            throw .damaged(path: path, at: .name(name), reason: "dtype, shape or data_offsets is missing")
        }
        guard let elementType = ElementType(safetensorsName: type) else {
            throw .unsupported(
                path: path,
                at: .name(name),
                reason: "its elements are \(CheckpointFileError.printable(type)), which is not read here",
                advice:
                    "convert it to one of \(ElementType.allCases.map(\.safetensorsName).joined(separator: ", "))"
            )
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw .damaged(path: path, at: .name(name), reason: "data_offsets \(offsets) are no range")
        }
        guard let count = TensorLayout.product(shape),
            case (let byteCount, false) = count.multipliedReportingOverflow(by: elementType.byteCount),
            byteCount == offsets[1] - offsets[0]
        else {
            throw .damaged(
                path: path,
                at: .name(name),
                reason: "the shape \(shape) of \(type) does not take \(offsets[1] - offsets[0]) bytes"
            )
        }
        return Entry(name: name, elementType: elementType, shape: shape, range: offsets[0]..<offsets[1])
    }
}

extension ElementType {
    /// The type's name in safetensors headers.
    var safetensorsName: String {
        switch self {
        case .float64: "F64"
        case .float32: "F32"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .int64: "I64"
        case .int32: "I32"
        case .int16: "I16"
        case .int8: "I8"
        case .uint8: "U8"
        case .bool: "BOOL"
        }
    }

    init?(safetensorsName name: String) {
        guard let type = Self.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
        self = type
    }
}

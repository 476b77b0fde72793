/// The names that a pickle may ask for, and what stands for them here: a value, or a rule that builds one.
///
/// Nothing is ever looked up or called by name: what is not listed is refused.
enum PickleGlobal: Sendable, Equatable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case size
    case device
    /// `bytes` in pickles of protocol 2: a text of characters up to U+00FF, and `latin1`.
    case encode
    case elementType(ElementType)
    case storage(ElementType)

    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", "Size"): self = .size
        case ("torch", "device"): self = .device
        case ("_codecs", "encode"): self = .encode
        case ("torch.storage", "UntypedStorage"): self = .storage(.uint8)
        case ("torch", _):
            if let type = Self.storages[name] {
                self = .storage(type)
            } else if let type = ElementType(rawValue: name) {
                // PyTorch's names of types are ours.
                self = .elementType(type)
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static let storages: [String: ElementType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
        "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16,
        "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool, "UntypedStorage": .uint8,
    ]
}

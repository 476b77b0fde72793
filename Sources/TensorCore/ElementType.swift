/// What one element of a tensor is in memory and in a file.
///
/// Arithmetic is done in ``float32``; the others are stored and converted.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
    case float64, float32, float16
    /// The upper half of a float32: its range, with 8 bits of precision.
    case bfloat16
    case int64, int32, int16, int8, uint8
    /// One byte, 0 or 1.
    case bool

    /// How many bytes an element takes.
    public var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }
}

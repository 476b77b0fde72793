/// Reads the fields of one Protocol Buffers message in order, within its bytes and nowhere else.
///
/// Source: Protocol Buffers, "Encoding". Groups, which SentencePiece never writes, are refused.
struct MessageReader {
    enum Value {
        case integer(UInt64)
        case fixed32(UInt32)
        case fixed64
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next field, and nil at the end.
    mutating func next() throws(ModelFileFault) -> (number: Int, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let position = rest.startIndex
        let tag = try variableInteger()
        guard tag <= UInt32.max, tag >> 3 > 0 else { throw fault("no field begins", at: position) }
        let number = Int(tag >> 3)
        switch tag & 7 {
        case 0: return (number, .integer(try variableInteger()))
        case 1:
            _ = try take(8)
            return (number, .fixed64)
        case 2:
            let length = try variableInteger()
            guard length <= rest.count else { throw fault("a field is longer than the file", at: position) }
            return (number, .bytes(try take(Int(length))))
        case 5:
            let word = try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return (number, .fixed32(word))
        default: throw fault("a field has an unknown form", at: position)
        }
    }

    private mutating func variableInteger() throws(ModelFileFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else {
                throw fault("it ends within a number", at: rest.startIndex)
            }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw fault("a number is too long", at: rest.startIndex)
    }

    private mutating func take(_ count: Int) throws(ModelFileFault) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw fault("it ends within a field", at: rest.startIndex) }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private func fault(_ reason: String, at position: Int) -> ModelFileFault {
        ModelFileFault(reason: "\(reason) at byte \(position)")
    }
}

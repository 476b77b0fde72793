/// Parses one JSON text into a `JSONValue`.
///
/// This is the careful path, for descriptions and events; metric lines take `LineScanner`. It accepts what
/// RFC 8259 does and the bare `NaN`, `Infinity` and `-Infinity` that Python's `json.dumps` writes, and
/// refuses everything else with the byte it stumbled over.
public enum JSONParser {
    /// Nesting beyond this is refused, so that a hostile text cannot exhaust the stack.
    static let depthLimit = 128

    /// The value of a whole text.
    /// - Throws: `RunRecordsError.json` with the offset of the first byte that does not fit.
    public static func parse(_ bytes: [UInt8]) throws(RunRecordsError) -> JSONValue {
        var cursor = Cursor(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { cursor.position = 3 }
        let value = try cursor.value(depth: 0)
        cursor.skipSpace()
        guard cursor.position == bytes.count else { throw cursor.failure("text after the end of the value") }
        return value
    }
}

private struct Cursor {
    let bytes: [UInt8]
    var position = 0

    func failure(_ reason: String) -> RunRecordsError { .json(offset: position, reason: reason) }

    var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    mutating func value(depth: Int) throws(RunRecordsError) -> JSONValue {
        guard depth < JSONParser.depthLimit else { throw failure("nested more than 128 deep") }
        skipSpace()
        guard position < bytes.count else { throw failure("the text ends where a value should be") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        default: return try scalar()
        }
    }

    private mutating func object(depth: Int) throws(RunRecordsError) -> JSONValue {
        position += 1
        var members: [JSONMember] = []
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw failure("a key in quotes should be here") }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw failure("a colon should follow the key") }
            position += 1
            members.append(JSONMember(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            let separator = current
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else {
                throw failure("a comma or } should follow the value")
            }
            position += 1
            if separator == UInt8(ascii: "}") { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(RunRecordsError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return .array(values)
        }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            let separator = current
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else {
                throw failure("a comma or ] should follow the value")
            }
            position += 1
            if separator == UInt8(ascii: "]") { return .array(values) }
        }
    }

    private mutating func string() throws(RunRecordsError) -> String {
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            guard bytes[position] >= 0x20 else { throw failure("a control byte inside a string") }
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else {
            position = bytes.count
            throw failure("the string does not end")
        }
        guard let text = JSONString.decode(bytes[start..<position]) else {
            throw failure("a string that is not valid UTF-8 or has a bad escape")
        }
        position += 1
        return text
    }

    private mutating func scalar() throws(RunRecordsError) -> JSONValue {
        let start = position
        while position < bytes.count, !isDelimiter(bytes[position]) { position += 1 }
        let token = bytes[start..<position]
        if token.elementsEqual("null".utf8) { return .null }
        if token.elementsEqual("true".utf8) { return .bool(true) }
        if token.elementsEqual("false".utf8) { return .bool(false) }
        guard let number = FloatParser.parse(Array(token)) else {
            position = start
            throw failure("neither a value nor a number")
        }
        return .number(number)
    }

    private func isDelimiter(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "\"")
    }
}

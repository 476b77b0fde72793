/// Writes JSON, without spaces.
///
/// Source: RFC 8259.
struct JSONText {
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func string(_ text: String) { SafetensorsFile.appendQuoted(text, to: &bytes) }

    mutating func object(_ members: (inout JSONText) -> Void) {
        raw("{")
        members(&self)
        raw("}")
    }

    mutating func member(_ key: String, _ value: (inout JSONText) -> Void) {
        if bytes.last != UInt8(ascii: "{") { raw(",") }
        string(key)
        raw(":")
        value(&self)
    }

    mutating func array<Element>(_ elements: [Element], _ write: (inout JSONText, Element) -> Void) {
        raw("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { raw(",") }
            write(&self, element)
        }
        raw("]")
    }

    /// The members that describe a tensor without its elements.
    mutating func describe(_ tensor: StoredTensor) {
        member("type") { $0.string(tensor.elementType.rawValue) }
        member("shape") { $0.array(tensor.shape) { $0.raw("\($1)") } }
        member("byteCount") { $0.raw("\(tensor.byteCount)") }
    }

    mutating func value(_ value: PickleValue) {
        switch value {
        case .none: raw("null")
        case .bool(let value): raw(value ? "true" : "false")
        case .integer(let value): raw("\(value)")
        case .bigInteger(let digits): raw(digits)
        case .float(let number):
            if number.isFinite {
                raw("\(number)")
            } else {
                string(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
            }
        case .string(let text): string(text)
        case .bytes(let bytes): string("\(bytes.count) bytes")
        case .elementType(let type): string(type.rawValue)
        case .device(let name): string(name)
        case .tensor(let tensor): object { $0.describe(tensor) }
        case .list(let elements), .tuple(let elements): array(elements) { $0.value($1) }
        case .dictionary(let dictionary):
            object { writer in
                for entry in dictionary.entries {
                    writer.member(entry.key.description) { $0.value(entry.value) }
                }
            }
        }
    }
}

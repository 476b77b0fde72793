/// What a checkpoint holds besides the model, a line per number or text; what is long is counted, not listed.
struct StateSummary {
    /// Pairs of a path (`config.d_model`) and a text.
    private(set) var rows: [[String]] = []

    /// A dictionary of more entries is counted: one entry per parameter, for example.
    private static let entryLimit = 32
    /// A list of more elements is counted.
    private static let elementLimit = 8

    init(_ state: PickleDictionary) {
        for entry in state.entries { add(entry.value, entry.key.description) }
    }

    private mutating func add(_ value: PickleValue, _ path: String) {
        let title = CheckpointFileError.printable(path)
        if let text = Self.text(of: value) {
            rows.append([title, text])
        } else if let dictionary = value.dictionary {
            if dictionary.entries.count > Self.entryLimit {
                let (count, bytes) = Self.tensors(in: value)
                rows.append([title, "\(dictionary.entries.count) entries; \(count) tensors, \(bytes) bytes"])
                return
            }
            for entry in dictionary.entries { add(entry.value, "\(path).\(entry.key)") }
        } else if let elements = value.elements {
            for (index, element) in elements.enumerated() { add(element, "\(path).\(index)") }
        }
    }

    /// A value that fits into a line; nil for what is shown part by part.
    private static func text(of value: PickleValue) -> String? {
        switch value {
        case .none: return "none"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return "\(value)"
        case .bigInteger(let digits): return digits
        case .float(let value): return "\(value)"
        case .string(let text): return CheckpointFileError.printable(text)
        case .bytes(let bytes): return "\(bytes.count) bytes"
        case .elementType(let type): return type.rawValue
        case .device(let name): return CheckpointFileError.printable(name)
        case .tensor(let tensor): return "tensor \(tensor.elementType.rawValue) \(tensor.shape)"
        case .dictionary(let dictionary): return dictionary.entries.isEmpty ? "{}" : nil
        case .list(let elements), .tuple(let elements):
            if elements.count > elementLimit { return "list of \(elements.count)" }
            var texts: [String] = []
            for element in elements {
                if element.elements != nil || element.dictionary != nil { return nil }
                guard let text = text(of: element) else { return nil }
                texts.append(text)
            }
            return "[" + texts.joined(separator: ", ") + "]"
        }
    }

    private static func tensors(in value: PickleValue) -> (count: Int, byteCount: Int) {
        if let tensor = value.tensor { return (1, tensor.byteCount) }
        let parts = value.elements ?? value.dictionary?.entries.map(\.value) ?? []
        return parts.reduce((0, 0)) { sum, part in
            let (count, bytes) = tensors(in: part)
            return (sum.0 + count, sum.1 &+ bytes)
        }
    }
}

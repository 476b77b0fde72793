/// What a pickle holds: plain values, containers, tensors; no objects, no code.
public indirect enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer beyond 64 bits, in decimal.
    case bigInteger(String)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case list([PickleValue])
    case tuple([PickleValue])
    case dictionary(PickleDictionary)
    case tensor(StoredTensor)
    /// `torch.float32` and its like.
    case elementType(ElementType)
    /// `torch.device`: `cuda:0`.
    case device(String)
}

/// A Python dictionary: keys in the order in which they came.
public struct PickleDictionary: Sendable {
    /// What can be a key.
    public enum Key: Hashable, Sendable {
        case none
        case bool(Bool)
        case integer(Int)
        case string(String)
    }

    /// One key and its value.
    public struct Entry: Sendable {
        /// What the value is found by.
        public var key: Key
        /// What stands there.
        public var value: PickleValue

        /// Pairs the two.
        ///
        /// - Parameters:
        ///   - key: what the value is found by.
        ///   - value: what stands there.
        public init(_ key: Key, _ value: PickleValue) {
            self.key = key
            self.value = value
        }
    }

    /// In order; no key occurs twice.
    public private(set) var entries: [Entry] = []
    private var indices: [Key: Int] = [:]

    /// A dictionary.
    ///
    /// - Parameter entries: of equal keys the last value counts, at the place of the first, as in Python.
    public init(_ entries: [Entry] = []) {
        for entry in entries { set(entry.key, entry.value) }
    }

    mutating func set(_ key: Key, _ value: PickleValue) {
        if let index = indices[key] {
            entries[index].value = value
        } else {
            indices[key] = entries.count
            entries.append(Entry(key, value))
        }
    }

    /// The value of a key; nil where there is none.
    public subscript(key: Key) -> PickleValue? { indices[key].map { entries[$0].value } }

    /// The value of a text; nil where there is none.
    public subscript(key: String) -> PickleValue? { self[.string(key)] }

    /// The value of a number; nil where there is none.
    public subscript(key: Int) -> PickleValue? { self[.integer(key)] }
}

extension PickleDictionary.Key: CustomStringConvertible {
    /// As it is shown in a path: the bare text or number.
    public var description: String {
        switch self {
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): "\(value)"
        case .string(let text): text
        }
    }
}

extension PickleValue {
    /// The members of a dictionary; nil for any other kind of value.
    public var dictionary: PickleDictionary? {
        guard case .dictionary(let value) = self else { return nil }
        return value
    }

    /// The elements of a list or a tuple; nil for any other kind of value.
    public var elements: [PickleValue]? {
        switch self {
        case .list(let values), .tuple(let values): values
        default: nil
        }
    }

    /// A tensor; nil for any other kind of value.
    public var tensor: StoredTensor? {
        guard case .tensor(let value) = self else { return nil }
        return value
    }

    /// A whole number of up to 64 bits; nil for any other kind of value, also a boolean.
    public var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// A number, whole or not, or a tensor of exactly one; nil for any other kind of value.
    public var number: Double? {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        case .tensor(let tensor) where tensor.elementCount == 1: tensor.doubles(0..<1).first
        default: nil
        }
    }

    /// True or false; nil for any other kind of value.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// A text; nil for any other kind of value.
    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The value of a dictionary's text key; nil where there is none, or no dictionary.
    public subscript(key: String) -> PickleValue? { dictionary?[key] }

    /// The value of a dictionary's number, or a list's element; nil where there is none.
    public subscript(index: Int) -> PickleValue? {
        if let elements { return elements.indices.contains(index) ? elements[index] : nil }
        return dictionary?[index]
    }
}

/// A JSON value as trainers write it: RFC 8259 plus the bare `NaN` and `Infinity` of Python's `json`.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Members in written order. Of equal keys the last one counts, as in most parsers.
    case object([JSONMember])
}

/// One key and its value.
public struct JSONMember: Sendable, Equatable {
    /// Without its quotes, escapes resolved.
    public var key: String
    /// What the key stands for.
    public var value: JSONValue

    /// Pairs the two.
    public init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONValue {
    /// The value of a key of an object; nil for a missing key or another kind of value.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// A number, or a string that spells one.
    ///
    /// NaN and infinities count, booleans do not.
    public var number: Double? {
        switch self {
        case .number(let value): value
        case .string(let text): FloatParser.parse(Array(text.utf8))
        default: nil
        }
    }

    /// A finite number.
    public var finite: Double? {
        guard let number, number.isFinite else { return nil }
        return number
    }

    /// A text; nil for any other kind of value.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// True or false; nil for any other kind of value.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The elements of an array; nil for any other kind of value.
    public var array: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    /// The members of an object, in written order; nil for any other kind of value.
    public var members: [JSONMember]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}

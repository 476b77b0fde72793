/// One value of a log line.
public enum LogValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// NaN and infinities are written bare, as Python does and every reader of run logs accepts.
    case number(Double)
    case string(String)
    case array([LogValue])
    case object([LogField])
}

/// One key of a log line with its value.
public struct LogField: Sendable, Equatable {
    /// The key, any text.
    public let key: String
    /// What the key stands for.
    public let value: LogValue

    /// Pairs a key with a value.
    public init(_ key: String, _ value: LogValue) {
        self.key = key
        self.value = value
    }
}

extension LogValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral
{
    /// An integer, so that `7` can be written where a value is wanted.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A number, so that `0.5` can.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A string, so that `"text"` can.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A truth value, so that `true` can.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension LogValue {
    /// This value as JSON on one line, without a newline.
    public var json: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends this value as JSON on one line.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .integer(let value): NumberText.append(value, to: &bytes)
        case .number(let value): NumberText.append(value, to: &bytes)
        case .string(let value): JSONStringText.append(value, markupSafe: false, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let fields):
            Self.append(fields, to: &bytes)
        }
    }

    /// Appends an object, its keys in the order given.
    package static func append(_ fields: [LogField], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONStringText.append(field.key, markupSafe: false, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            field.value.append(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

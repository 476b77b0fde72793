import Yams

extension SettingValue {
    /// The value of a YAML node.
    ///
    /// Plain scalars are read by YAML 1.2's core schema, so that `1e-4` is a number and `no` a word; quoted ones are
    /// texts. Underscores between digits are left out, as in YAML 1.1: `10_000`.
    ///
    /// Source: YAML 1.2.2, section 10.3.2.
    init(_ node: Node) {
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            self = isPlain ? SettingValue(plain: scalar.string) : .text(scalar.string)
        case .sequence(let sequence):
            // No key takes lists within lists, and aliases can nest them without end.
            self = .list(sequence.map { $0.sequence == nil ? SettingValue($0) : .list([]) })
        case .mapping, .alias: self = .mapping
        }
    }

    private init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .flag(true)
        case "false", "False", "FALSE": self = .flag(false)
        default: self = Self.numeral(text) ?? .text(text)
        }
    }

    /// A decimal number, also one that is too large to be held: that becomes infinite, and is out of every range.
    private static func numeral(_ text: String) -> SettingValue? {
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        default: break
        }
        let digits = text.filter { $0 != "_" }
        guard digits.wholeMatch(of: #/[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/#) != nil,
            text.first != "_", text.last != "_"
        else { return nil }
        if let integer = Int(digits) { return .integer(integer) }
        return Double(digits).map { .number($0) }
    }

    /// The value as a YAML node that reads as the same value.
    var node: Node {
        switch self {
        case .null, .mapping: Node("null", Tag(.null), .plain)
        case .flag(let value): Node("\(value)", Tag(.bool), .plain)
        case .integer(let value): Node("\(value)", Tag(.int), .plain)
        case .number(let value): Node(Self.numeral(value), Tag(.float), .plain)
        case .text(let text):
            Node(text, Tag(.str), Self.isPlainWord(text) ? .plain : .doubleQuoted)
        case .list(let values): Node(values.map(\.node), Tag(.seq), .flow)
        }
    }

    private static func numeral(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        return "\(value)"
    }

    /// Whether a text needs no quotes: names and paths.
    private static func isPlainWord(_ text: String) -> Bool {
        guard text.wholeMatch(of: #/[A-Za-z_\/][A-Za-z0-9_.\/-]*/#) != nil else { return false }
        return SettingValue(plain: text) == .text(text)
    }
}

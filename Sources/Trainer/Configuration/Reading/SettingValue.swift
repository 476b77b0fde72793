/// What stands behind a key of a configuration, whatever it was written in.
enum SettingValue: Sendable, Hashable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([SettingValue])
    /// Something with keys of its own.
    case mapping

    /// The value in a message: what it is and how it reads.
    var phrase: String {
        switch self {
        case .null: "null"
        case .flag(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let text): SettingFault.quoted(text)
        case .list: "a list"
        case .mapping: "a section"
        }
    }
}

/// What is wrong with one value.
struct SettingFault: Error, Equatable {
    /// Why it does not suit, and what would.
    let reason: String

    /// A text from a file as one short line of visible characters in quotes.
    static func quoted(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars.prefix(80) {
            if scalar.properties.generalCategory == .control {
                visible += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                visible.unicodeScalars.append(scalar)
            }
        }
        return "\"\(visible)\(text.unicodeScalars.count > 80 ? "…" : "")\""
    }
}

public import RunRecords
import Yams

extension TrainingConfiguration {
    /// The whole configuration, defaults included, as a file that reads as the same configuration.
    public var yaml: String {
        var text = ""
        for section in Self.sections {
            text += text.isEmpty ? "" : "\n"
            text += "\(section.name):\n"
            for (key, value) in section.values(self) { text += "  \(key): \(Self.text(value))\n" }
        }
        return text
    }

    /// All keys with their sections, for `run.json`.
    public var members: [JSONMember] {
        Self.sections.map { section in
            JSONMember(
                key: section.name,
                value: .object(
                    section.values(self).map { JSONMember(key: $0.key, value: Self.json($0.value)) }
                )
            )
        }
    }

    /// A value on one line.
    private static func text(_ value: SettingValue) -> String {
        // The emitter fails only where memory does, and for nodes that were built wrongly.
        let text = (try? Yams.serialize(node: value.node, width: -1, allowUnicode: true)) ?? "null"
        // A scalar alone is followed by the end of its document.
        return String(text.prefix { $0 != "\n" })
    }

    private static func json(_ value: SettingValue) -> JSONValue {
        switch value {
        case .null, .mapping: .null
        case .flag(let flag): .bool(flag)
        case .integer(let number): .number(Double(number))
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        case .list(let values): .array(values.map(json))
        }
    }
}

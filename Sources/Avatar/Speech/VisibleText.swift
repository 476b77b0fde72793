/// Text from outside as part of a message.
enum VisibleText {
    /// One short line without control characters.
    ///
    /// - Parameters:
    ///   - text: from anywhere.
    ///   - limit: how many characters are shown.
    /// - Returns: the text, or its beginning and `…`.
    static func line(_ text: some StringProtocol, limit: Int = 300) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if shown.count == limit { return String(shown) + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: shown.append("\u{FFFD}")
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }

    /// The same in quotes.
    static func quoted(_ text: some StringProtocol) -> String { "\"\(line(text, limit: 80))\"" }

    /// The last line of what a program said that is not empty; nil where there is none.
    static func lastLine(_ text: String) -> String? {
        text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }.map { line($0) }
    }

    /// A number as short as it can be said: `600`, `0.5`.
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}

/// Words of the other side, made fit for a message.
enum RemoteText {
    /// One line without control characters and of bounded length.
    ///
    /// - Parameter text: anything.
    /// - Returns: what can be shown.
    static func readable(_ text: some StringProtocol) -> String {
        var line = ""
        for scalar in text.unicodeScalars.prefix(400) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line += " "
            default: line.unicodeScalars.append(scalar)
            }
        }
        var rest = line[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return text.unicodeScalars.count > 400 ? rest + "…" : String(rest)
    }
}

/// The end of what a program said, for a message.
enum LastLines {
    /// The last lines that say something: no bars of progress, nothing empty.
    ///
    /// - Parameters:
    ///   - text: any length.
    ///   - count: how many lines at most.
    /// - Returns: nil where there is none.
    static func of(_ text: String, count: Int = 5) -> [String]? {
        var lines: [String] = []
        for line in text.split(whereSeparator: \.isNewline).reversed() where lines.count < count {
            // tqdm's bars: `45%|####      | 9/20 [00:03<00:04,  3.01it/s]`.
            guard !line.contains("%|"), !line.allSatisfy(\.isWhitespace) else { continue }
            let start = line.firstIndex { !$0.isWhitespace } ?? line.startIndex
            lines.insert(VisibleText.line(line[start...], limit: 200), at: 0)
        }
        return lines.isEmpty ? nil : lines
    }
}

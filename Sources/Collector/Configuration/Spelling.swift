/// Guesses what a misspelt word should have been.
enum Spelling {
    /// The candidate with the fewest edits, where they are few enough for a guess.
    ///
    /// - Parameters:
    ///   - word: what was written.
    ///   - candidates: what could have been meant.
    /// - Returns: nil where nothing is near.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        guard word.utf8.count <= 64 else { return nil }
        let scored = candidates.map { ($0, edits(Array(word.utf8), Array($0.utf8))) }
        guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(2, word.utf8.count / 3) else {
            return nil
        }
        return best.0
    }

    /// Levenshtein's distance.
    private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                current.append(
                    min(
                        previous[column] + (byte == other ? 0 : 1),
                        previous[column + 1] + 1,
                        current[column] + 1
                    )
                )
            }
            previous = current
        }
        return previous[right.count]
    }
}

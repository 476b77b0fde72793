/// How far apart two words are, to tell what a misspelt one was meant to be.
enum EditDistance {
    /// The fewest insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
    ///
    /// Source: the optimal string alignment distance; Damerau, CACM 7 (1964).
    static func between(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.utf8), Array(second.utf8))
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 1..<(first.count + 1) {
            var current = [row]
            for column in 1..<(second.count + 1) {
                let replaced = last[column - 1] + (first[row - 1] == second[column - 1] ? 0 : 1)
                var best = min(replaced, last[column] + 1, current[column - 1] + 1)
                let areSwapped =
                    row > 1 && column > 1 && first[row - 1] == second[column - 2]
                    && first[row - 2] == second[column - 1]
                if areSwapped { best = min(best, beforeLast[column - 2] + 1) }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }

    /// The known word that a word was probably meant to be; nil where none is near.
    ///
    /// - Parameters:
    ///   - word: what was written.
    ///   - known: what could have been meant; of equally near ones the first is taken.
    /// - Returns: one of the known words.
    static func nearest(to word: String, among known: [String]) -> String? {
        guard word.utf8.count <= 100 else { return nil }
        let distances = known.map { ($0, between(word, $0)) }
        guard let (nearest, distance) = distances.min(by: { $0.1 < $1.1 }) else { return nil }
        return distance <= max(2, nearest.utf8.count / 3) ? nearest : nil
    }
}

/// What of a text counts when it is compared.
public enum TextNormalization {
    /// Lower case, without punctuation, words one space apart.
    ///
    /// What is neither a letter, a digit, an underscore nor white space is deleted and separates nothing: `don't` becomes
    /// `dont`, `re-entry` becomes `reentry`. A letter keeps its accents, and both ways to write them are equal, since
    /// Swift compares characters by canonical equivalence (Unicode Standard Annex 15).
    ///
    /// Source: VoxFormer's evaluation, which deletes `[^\w\s]`; golden file `metrics_wer.json`.
    ///
    /// - Parameter text: any text.
    /// - Returns: its words in order.
    public static func words(_ text: String) -> [String] {
        text.lowercased()
            .filter { $0.isLetter || $0.isNumber || $0 == "_" || $0.isWhitespace }
            .split(whereSeparator: \.isWhitespace)
            .map(String.init)
    }
}

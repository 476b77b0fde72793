/// What texts look like that a model is trained on.
public enum TranscriptText {
    /// Lower case, words one space apart: the same for every source, whatever case it is written in.
    ///
    /// A text without a letter or digit is empty: there is nothing to be said. Punctuation stays, as LibriSpeech has
    /// none but apostrophes.
    ///
    /// - Parameter text: any text.
    /// - Returns: what the tokenizer gets; empty where there is no word.
    public static func normalized(_ text: String) -> String {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace)
        guard words.contains(where: { $0.contains { $0.isLetter || $0.isNumber } }) else { return "" }
        return words.joined(separator: " ")
    }
}

/// The form in which every transcript is tokenized, whichever source it comes from.
///
/// LibriSpeech writes capitals, manifests write anything, and tokenizers are trained on small letters: a source that is
/// passed on as it is becomes one unknown token per word. So every reader of transcripts, and the training of
/// tokenizers, goes through here.
public enum TranscriptText {
    /// Lower case, words one space apart, no space at the ends.
    ///
    /// A text without a letter or digit is empty: there is nothing to be said. Punctuation stays, as LibriSpeech has
    /// none but apostrophes. What else differs between equal texts (width, ligatures, composed accents) is the business
    /// of the normalisation rules inside the tokenizer's own file.
    ///
    /// - Parameter text: any text.
    /// - Returns: its normal form, which is its own normal form; empty where there is no word.
    public static func normalized(_ text: String) -> String {
        // By scalars: a space that carries an accent is one character, and the accent would go with it.
        let words = text.lowercased().unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
        guard
            words.contains(where: {
                $0.contains { $0.properties.isAlphabetic || $0.properties.numericType != nil }
            })
        else { return "" }
        return words.map { String(Substring($0)) }.joined(separator: " ")
    }
}

/// The form in which every transcript is tokenized, whichever source it comes from.
///
/// LibriSpeech writes capitals, manifests write anything, and tokenizers are trained on small letters: a source that is
/// passed on as it is becomes one unknown token per word. So every reader of transcripts, and the training of
/// tokenizers, goes through here.
public enum TranscriptNormalization {
    /// Lower case, words one space apart, no space at the ends.
    ///
    /// What else differs between equal texts (width, ligatures, composed accents) is the business of the normalisation
    /// rules inside the tokenizer's own file.
    ///
    /// - Parameter text: any text.
    /// - Returns: its normal form, which is its own normal form.
    public static func normalize(_ text: String) -> String {
        // By scalars: a space that carries an accent is one character, and the accent would go with it.
        text.lowercased().unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
            .map { String(Substring($0)) }
            .joined(separator: " ")
    }
}

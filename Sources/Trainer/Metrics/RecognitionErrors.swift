/// The errors of recognition in words and in characters, of one utterance or of many.
///
///     var errors = RecognitionErrors()
///     for utterance in evaluated { errors += RecognitionErrors(reference: utterance.text, hypothesis: …) }
///     errors.words.rate  // the corpus's word error rate
///
/// Source: Morris, Maier and Green, "From WER and RIL to MER and WIL", Interspeech 2004, §2: the word error rate is the
/// sum of edits over the sum of words.
public struct RecognitionErrors: Sendable, Hashable {
    /// In words.
    public var words: EditCounts
    /// In characters as a reader sees them; the spaces between words are among them.
    public var characters: EditCounts

    /// Of nothing yet.
    public init() {
        words = EditCounts()
        characters = EditCounts()
    }

    /// Compares two texts, of which only ``TextNormalization/words(_:)`` count.
    ///
    /// - Parameters:
    ///   - reference: what was said.
    ///   - hypothesis: what was recognised.
    public init(reference: String, hypothesis: String) {
        let (said, heard) = (TextNormalization.words(reference), TextNormalization.words(hypothesis))
        words = EditCounts(reference: said, hypothesis: heard)
        characters = EditCounts(
            reference: Array(said.joined(separator: " ")),
            hypothesis: Array(heard.joined(separator: " "))
        )
    }

    /// Adds the errors of another utterance.
    ///
    /// - Parameters:
    ///   - total: what is added to.
    ///   - other: what is added.
    public static func += (total: inout RecognitionErrors, other: RecognitionErrors) {
        total.words += other.words
        total.characters += other.characters
    }
}

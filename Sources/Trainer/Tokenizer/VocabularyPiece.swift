/// One entry of a tokenizer's vocabulary.
public struct VocabularyPiece: Sendable, Hashable {
    /// What a piece stands for.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Its own text.
        case normal
        /// Any run of characters that the vocabulary does not have.
        case unknown
        /// No text: a mark for the model.
        case control
        /// Its own text, which is never written with it.
        case unused
        /// One byte of a character that the vocabulary does not have, as `<0xE4>`.
        case byte
    }

    /// Its text, in which U+2581 stands for a space.
    public let text: String
    /// Orders the merges of BPE, highest first; the logarithm of a probability for unigram.
    public let score: Float
    /// What it stands for.
    public let kind: Kind
}

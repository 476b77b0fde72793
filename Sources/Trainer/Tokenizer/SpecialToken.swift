/// The ids that mean the same in every tokenizer, since the model and its losses count on them.
public enum SpecialToken: Int32, Sendable, CaseIterable {
    /// Fills the rest of a batch's shorter rows; the blank of CTC, too.
    case padding = 0
    /// Begins what the decoder is given.
    case beginning = 1
    /// Ends what the decoder writes.
    case end = 2
    /// Stands for a run of characters that the vocabulary does not have.
    case unknown = 3

    /// Its id.
    public var id: Int32 { rawValue }

    /// The name in use wherever ids are spoken of.
    public var name: String {
        switch self {
        case .padding: "pad"
        case .beginning: "bos"
        case .end: "eos"
        case .unknown: "unk"
        }
    }

    /// How it is written in a vocabulary trained here.
    public var piece: String { "<\(name)>" }
}

/// `tokenizer`: how texts become numbers.
public struct TokenizerSettings: Sendable, Hashable {
    /// `model_path`: a SentencePiece model; nil until one is trained.
    public var modelPath: String?
    /// `character_coverage`: the part of all letters that get a token of their own when a model is trained.
    public var characterCoverage = 1.0

    /// The defaults.
    public init() {}
}

extension TokenizerSettings: SettingSection {
    static let keys: [SettingKey<TokenizerSettings>] = [
        .optional("model_path", \.modelPath, .text),
        .required("character_coverage", \.characterCoverage, .number(.above(0, to: 1))),
        fixed("pad_id", 0),
        fixed("bos_id", 1),
        fixed("eos_id", 2),
        fixed("unk_id", 3),
        .unavailable("vocab_size", "the number of tokens is model.vocab_size"),
    ]

    func conflicts() -> [SettingConflict] { [] }

    /// A number that may be written but not changed.
    private static func fixed(_ name: String, _ id: Int) -> SettingKey<TokenizerSettings> {
        SettingKey(
            name: name,
            assign: { value, _ throws(SettingFault) in
                guard value == .integer(id) else {
                    throw SettingFault(
                        reason: "it is always \(id): models are trained with that; leave the line out"
                    )
                }
            },
            value: { _ in nil }
        )
    }
}

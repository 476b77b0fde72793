/// `evaluation`: how recognition is measured.
public struct EvaluationSettings: Sendable, Hashable {
    /// `use_ctc_decoding`: whether the CTC head is measured.
    public var usesCTC = true
    /// `use_ar_decoding`: whether the decoder is measured, which takes longer.
    public var usesDecoder = true
    /// `beam_size`: how many hypotheses are followed.
    public var beamSize = 4
    /// `repetition_penalty`: what a token that was said before is made less likely by; 1 for nothing.
    public var repetitionPenalty = 1.0
    /// `no_repeat_ngram_size`: no sequence of so many tokens occurs twice; 0 for no such rule.
    public var unrepeatedLength = 0
    /// `max_utterances`: how many are measured within an epoch; nil for all.
    public var maximumUtteranceCount: Int?
    /// `num_samples`: how many transcripts are shown.
    public var sampleCount = 3

    /// The defaults.
    public init() {}
}

extension EvaluationSettings: SettingSection {
    static let keys: [SettingKey<EvaluationSettings>] = [
        .required("use_ctc_decoding", \.usesCTC, .flag),
        .required("use_ar_decoding", \.usesDecoder, .flag),
        .required("beam_size", \.beamSize, .integer(1...1000)),
        .required("repetition_penalty", \.repetitionPenalty, .number(.from(1, to: 100))),
        .required("no_repeat_ngram_size", \.unrepeatedLength, .integer(0...100)),
        .optional("max_utterances", \.maximumUtteranceCount, .integer(1...1_000_000_000)),
        .required("num_samples", \.sampleCount, .integer(0...1000)),
    ]

    func conflicts() -> [SettingConflict] {
        guard !usesCTC, !usesDecoder else { return [] }
        return [
            SettingConflict(
                key: "use_ctc_decoding",
                reason: "use_ar_decoding is false, too, so nothing would be measured; set one to true"
            )
        ]
    }
}

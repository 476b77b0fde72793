/// How a text is looked for.
public struct DecodingOptions: Sendable, Hashable {
    /// How many beginnings of a text are followed; 1 takes the likeliest token every time.
    public var beamWidth: Int
    /// How many tokens a text has at most, its end among them; never more than there are frames.
    public var maximumTokenCount: Int
    /// How far long texts are forgiven: a text is judged by its logarithm over its length to this power.
    public var lengthPenalty: Double
    /// What the logarithm of a token's probability is multiplied by where the text has the token already; 1 for nothing.
    public var repetitionPenalty: Double
    /// No sequence of so many tokens comes twice; 0 for no such rule.
    public var noRepeatNGramSize: Int
    /// How much the frames' own score of a whole text counts beside the decoder's; from 0 to 1.
    public var connectionistWeight: Double
    /// Tokens that no text has.
    public var suppressedTokens: Set<Int32>

    /// - Parameters:
    ///   - beamWidth: how many beginnings of a text are followed.
    ///   - maximumTokenCount: how many tokens a text has at most, its end among them.
    ///   - lengthPenalty: how far long texts are forgiven.
    ///   - repetitionPenalty: how much a token that was there is disliked.
    ///   - noRepeatNGramSize: no sequence of so many tokens comes twice.
    ///   - connectionistWeight: how much the frames' own score counts.
    ///   - suppressedTokens: tokens that no text has.
    public init(
        beamWidth: Int = 4,
        maximumTokenCount: Int = 256,
        lengthPenalty: Double = 1,
        repetitionPenalty: Double = 1,
        noRepeatNGramSize: Int = 0,
        connectionistWeight: Double = 0,
        suppressedTokens: Set<Int32> = [SpecialToken.padding.id, SpecialToken.beginning.id]
    ) {
        self.beamWidth = beamWidth
        self.maximumTokenCount = maximumTokenCount
        self.lengthPenalty = lengthPenalty
        self.repetitionPenalty = repetitionPenalty
        self.noRepeatNGramSize = noRepeatNGramSize
        self.connectionistWeight = connectionistWeight
        self.suppressedTokens = suppressedTokens
    }

    /// Fails where nothing could be found so.
    ///
    /// - Throws: ``TrainerError/configuration(key:reason:)``.
    func validate() throws(TrainerError) {
        func require(_ isRight: Bool, _ key: String, _ reason: String) throws(TrainerError) {
            guard isRight else { throw .configuration(key: key, reason: reason) }
        }
        try require((1...1024).contains(beamWidth), "beam width", "it is \(beamWidth); 1 to 1024 is possible")
        try require(
            maximumTokenCount >= 1,
            "longest text",
            "it is \(maximumTokenCount) tokens; at least 1 is needed"
        )
        try require(
            lengthPenalty.isFinite && lengthPenalty >= 0,
            "length penalty",
            "it is \(lengthPenalty); 0 or more is possible"
        )
        try require(
            repetitionPenalty.isFinite && repetitionPenalty >= 1,
            "repetition penalty",
            "it is \(repetitionPenalty); 1, for none, or more is possible"
        )
        try require(
            noRepeatNGramSize >= 0,
            "n-grams without repetition",
            "their size is \(noRepeatNGramSize); 0, for no rule, or more is possible"
        )
        try require(
            (0...1).contains(connectionistWeight),
            "weight of CTC",
            "it is \(connectionistWeight); 0 to 1 is possible"
        )
    }
}

/// A text that may have been said, and how likely that is.
public struct Hypothesis: Sendable, Hashable {
    /// The text, without bounds.
    public var tokens: [Int32]
    /// Whether it came to its end, rather than to the longest length allowed.
    public var isFinished: Bool
    /// The logarithm of its probability by the decoder, its end included.
    public var logProbability: Double
    /// What it was judged by: higher is better.
    public var score: Double

    /// - Parameters:
    ///   - tokens: the text, without bounds.
    ///   - isFinished: whether it came to its end.
    ///   - logProbability: the logarithm of its probability by the decoder.
    ///   - score: what it was judged by.
    public init(tokens: [Int32], isFinished: Bool, logProbability: Double, score: Double) {
        self.tokens = tokens
        self.isFinished = isFinished
        self.logProbability = logProbability
        self.score = score
    }
}

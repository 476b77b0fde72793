extension CTC {
    /// A text laid over the frames it was said in.
    public struct Alignment: Sendable, Hashable {
        /// Every token of the text in order; blanks lie between.
        public var spans: [TokenSpan]
        /// The logarithm of the probability of the one path.
        public var logProbability: Double

        /// - Parameters:
        ///   - spans: every token of the text in order.
        ///   - logProbability: the logarithm of the probability of the one path.
        public init(spans: [TokenSpan], logProbability: Double) {
            self.spans = spans
            self.logProbability = logProbability
        }
    }

    /// A token and when it is said.
    ///
    /// Models that learnt this way say a token in few frames, at times in one, and late rather than early: the end of a
    /// word is better taken from the beginning of the next than from here.
    public struct TokenSpan: Sendable, Hashable {
        /// Which one.
        public var token: Int32
        /// From the first frame that names it to behind the last.
        public var frames: Range<Int>
        /// The mean over these frames of the logarithm of its probability: how sure the model is.
        public var logProbability: Double

        /// - Parameters:
        ///   - token: which one.
        ///   - frames: from the first frame that names it to behind the last.
        ///   - logProbability: the mean over these frames.
        public init(token: Int32, frames: Range<Int>, logProbability: Double) {
            self.token = token
            self.frames = frames
            self.logProbability = logProbability
        }
    }

    /// Finds when each token of a known text is said: the most probable of all paths that read so.
    ///
    /// Where paths are equal, one that stays longer comes first.
    ///
    /// Source: Viterbi, "Error Bounds for Convolutional Codes", 1967, over the states of Graves et al., 2006, §4.1: the
    /// text with a blank around each token.
    ///
    /// - Parameters:
    ///   - scores: logarithms of probabilities in all frames; NaN counts as the probability 0.
    ///   - tokens: the text.
    ///   - blank: the token that stands for nothing.
    /// - Returns: nil where no path reads so: there are too few frames (every token takes one, and two equal neighbours one
    ///   between them), or all paths have the probability 0.
    /// - Throws: ``TrainerError/scores(reason:)`` where a token is the blank, or is not in the vocabulary.
    public static func align(
        _ scores: FrameScores,
        to tokens: [Int32],
        blank: Int32 = 0
    ) throws(TrainerError) -> Alignment? {
        try requireText(tokens, scores, blank: blank)
        guard scores.frameCount > 0 else {
            return tokens.isEmpty ? Alignment(spans: [], logProbability: 0) : nil
        }
        // Two equal neighbours take a frame between them; checked before a table is made of a long text.
        let repeats = zip(tokens, tokens.dropFirst()).count { $0 == $1 }
        guard tokens.count + repeats <= scores.frameCount else { return nil }
        var trellis = Trellis(tokens, blank: blank)
        for frame in 0..<scores.frameCount { trellis.advance(scores[frame]) }
        guard let (path, total) = trellis.bestPath() else { return nil }
        return Alignment(spans: spans(path, tokens, scores), logProbability: total)
    }

    /// Gathers the frames of each token; odd states are tokens.
    private static func spans(_ path: [Int], _ tokens: [Int32], _ scores: FrameScores) -> [TokenSpan] {
        var ranges = [Range<Int>?](repeating: nil, count: tokens.count)
        for (frame, state) in path.enumerated() where state % 2 == 1 {
            ranges[state / 2] = (ranges[state / 2]?.lowerBound ?? frame)..<frame + 1
        }
        return zip(tokens, ranges).compactMap { token, range in
            range.map { frames in
                let sum = frames.reduce(0.0) {
                    $0 + Double(scores.values[$1 * scores.vocabularySize + Int(token)])
                }
                return TokenSpan(token: token, frames: frames, logProbability: sum / Double(frames.count))
            }
        }
    }
}

/// The best path to every state of the text with blanks, and the way it came.
private struct Trellis {
    private let labels: [Int32]
    private let blank: Int32
    private var best: [Double]
    /// How many states every path went on by, `[frames, states]`.
    private var moves: [UInt8] = []

    init(_ tokens: [Int32], blank: Int32) {
        self.blank = blank
        labels = [blank] + tokens.flatMap { [$0, blank] }
        best = []
    }

    mutating func advance(_ row: ArraySlice<Float>) {
        let old = best
        best = [Double](repeating: -.infinity, count: labels.count)
        for state in labels.indices {
            let value = row[row.startIndex + Int(labels[state])]
            guard !value.isNaN else {
                moves.append(0)
                continue
            }
            let (before, move) = arrival(at: state, from: old)
            best[state] = before + Double(value)
            moves.append(move)
        }
    }

    /// The best way to a state: staying, from the one before, or over a blank between different tokens.
    private func arrival(at state: Int, from old: [Double]) -> (Double, UInt8) {
        // A path begins with the first blank or the first token.
        guard !old.isEmpty else { return (state < 2 ? 0 : -.infinity, 0) }
        var result: (Double, UInt8) = (old[state], 0)
        if state >= 1, old[state - 1] > result.0 { result = (old[state - 1], 1) }
        if state >= 2, labels[state] != blank, labels[state] != labels[state - 2], old[state - 2] > result.0 {
            result = (old[state - 2], 2)
        }
        return result
    }

    /// The states of the best path, and the logarithm of its probability.
    func bestPath() -> ([Int], Double)? {
        var state = labels.count - 1
        if state > 0, best[state - 1] >= best[state] { state -= 1 }
        let total = best[state]
        guard total > -.infinity else { return nil }
        var path: [Int] = []
        var frame = moves.count / labels.count - 1
        while frame >= 0 {
            path.append(state)
            state -= Int(moves[frame * labels.count + state])
            frame -= 1
        }
        return (path.reversed(), total)
    }
}

/// Reads the output of a model that was trained with connectionist temporal classification.
///
/// Every frame names a token or the blank. A text is read from such a path by merging neighbours that are equal and then
/// dropping blanks; its probability is the sum over all paths that read so. Pure functions: what they return follows from
/// the scores alone.
///
/// Source: Graves et al., "Connectionist Temporal Classification", ICML 2006, §3.1.
public enum CTC {
    /// The text of the one best path.
    ///
    /// Source: Graves et al., §3.2, best path decoding. Of equal scores the lowest token wins, NaN never.
    ///
    /// - Parameters:
    ///   - scores: of all frames; logits will do, too, as only their order counts.
    ///   - blank: the token that stands for nothing.
    /// - Returns: the tokens.
    /// - Throws: ``TrainerError/scores(reason:)`` where the blank is not in the vocabulary.
    public static func greedyTokens(_ scores: FrameScores, blank: Int32 = 0) throws(TrainerError) -> [Int32] {
        try scores.require(blank, "the blank")
        let path = (0..<scores.frameCount).map { frame in
            var (best, token) = (-Float.infinity, 0)
            for (index, score) in scores[frame].enumerated() where score > best {
                (best, token) = (score, index)
            }
            return Int32(token)
        }
        return tokens(ofPath: path, blank: blank)
    }

    /// The text of a path: equal neighbours are one, then blanks are dropped.
    ///
    /// - Parameters:
    ///   - path: a token for each frame.
    ///   - blank: the token that stands for nothing.
    /// - Returns: the tokens.
    public static func tokens(ofPath path: [Int32], blank: Int32 = 0) -> [Int32] {
        var tokens: [Int32] = []
        var previous = blank
        for token in path {
            if token != previous, token != blank { tokens.append(token) }
            previous = token
        }
        return tokens
    }
}

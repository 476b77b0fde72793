extension CTC {
    /// How likely a text is: the sum over all paths that read so.
    ///
    /// Source: Graves et al., "Connectionist Temporal Classification", 2006, §4.1, the forward variables; as logarithms in
    /// double precision. Takes frames × text.
    ///
    /// - Parameters:
    ///   - tokens: the text, without blanks.
    ///   - scores: logarithms of probabilities in all frames; NaN counts as the probability 0.
    ///   - blank: the token that stands for nothing.
    /// - Returns: the logarithm; -infinity where there are too few frames.
    /// - Throws: ``TrainerError/scores(reason:)`` where a token is the blank, or is not in the vocabulary.
    public static func logProbability(
        of tokens: [Int32],
        _ scores: FrameScores,
        blank: Int32 = 0
    ) throws(TrainerError) -> Double {
        try requireText(tokens, scores, blank: blank)
        let labels = [blank] + tokens.flatMap { [$0, blank] }
        var sums = [Double](repeating: -.infinity, count: labels.count)
        for frame in 0..<scores.frameCount {
            let row = scores[frame]
            // Downwards: a state is reached from lower ones, which must still be those of the frame before.
            for state in labels.indices.reversed() {
                var sum = frame == 0 ? (state < 2 ? 0 : -.infinity) : sums[state]
                if frame > 0, state >= 1 { sum = logarithmicSum(sum, sums[state - 1]) }
                if frame > 0, state >= 2, labels[state] != blank, labels[state] != labels[state - 2] {
                    sum = logarithmicSum(sum, sums[state - 2])
                }
                let score = row[row.startIndex + Int(labels[state])]
                sums[state] = score.isNaN ? -.infinity : sum + Double(score)
            }
        }
        guard scores.frameCount > 0 else { return tokens.isEmpty ? 0 : -.infinity }
        return tokens.isEmpty ? sums[0] : logarithmicSum(sums[labels.count - 1], sums[labels.count - 2])
    }

    /// Fails where a text holds the blank, or what is not in the vocabulary.
    static func requireText(
        _ tokens: [Int32],
        _ scores: FrameScores,
        blank: Int32
    ) throws(TrainerError) {
        try scores.require(blank, "the blank")
        for token in tokens {
            try scores.require(token, "the token")
            guard token != blank else {
                throw .scores(reason: "the text holds the blank \(blank); leave it out")
            }
        }
    }
}

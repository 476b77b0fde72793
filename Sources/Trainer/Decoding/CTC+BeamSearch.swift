extension CTC {
    /// A text, and how probable it is.
    public struct Hypothesis: Sendable, Hashable {
        /// The text.
        public var tokens: [Int32]
        /// The logarithm of the sum over all paths that were followed and read so.
        public var logProbability: Double

        /// - Parameters:
        ///   - tokens: the text.
        ///   - logProbability: the logarithm of its probability.
        public init(tokens: [Int32], logProbability: Double) {
            self.tokens = tokens
            self.logProbability = logProbability
        }
    }

    /// The most probable texts: a search over beginnings of texts, each with the sum over its paths.
    ///
    /// Exact where nothing is left out: `width` as large as the number of beginnings, `candidateCount` as that of tokens.
    /// Probabilities are added up as logarithms in double precision. NaN counts as the probability 0.
    ///
    /// Source: Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent
    /// DNNs", 2014, algorithm 1, without a language model.
    ///
    /// - Parameters:
    ///   - scores: logarithms of probabilities in all frames.
    ///   - width: how many beginnings are followed.
    ///   - candidateCount: how many tokens of a frame, the most probable ones, may continue a text.
    ///   - blank: the token that stands for nothing.
    /// - Returns: at most `width` texts, the most probable first; none where every path has the probability 0.
    /// - Throws: ``TrainerError/scores(reason:)`` where the blank is not in the vocabulary, and
    ///   ``TrainerError/configuration(key:reason:)`` where nothing would be followed.
    public static func beamSearch(
        _ scores: FrameScores,
        width: Int = 16,
        candidateCount: Int = 40,
        blank: Int32 = 0
    ) throws(TrainerError) -> [Hypothesis] {
        try scores.require(blank, "the blank")
        for (key, value) in [("beam width", width), ("beam candidates", candidateCount)] where value < 1 {
            throw .configuration(key: key, reason: "it is \(value); at least 1 is needed")
        }
        var beam = PrefixBeam(blank: blank)
        for frame in 0..<scores.frameCount {
            let row = scores[frame]
            beam.advance(
                row,
                candidates: mostProbable(candidateCount, of: row, without: blank),
                width: width
            )
        }
        return beam.hypotheses
    }

    /// The best tokens of a frame, the lower one first where two are equal.
    private static func mostProbable(
        _ count: Int,
        of row: ArraySlice<Float>,
        without blank: Int32
    ) -> [(token: Int32, score: Double)] {
        var best: [(token: Int32, score: Double)] = []
        for (index, value) in row.enumerated() where value > -.infinity && index != Int(blank) {
            let score = Double(value)
            if best.count == count {
                guard let last = best.last, score > last.score else { continue }
                best.removeLast()
            }
            // Few of many tokens get here; they are put in their place from the end.
            var place = best.count
            while place > 0, best[place - 1].score < score { place -= 1 }
            best.insert((Int32(index), score), at: place)
        }
        return best
    }
}

/// The beginnings of texts that are followed, and what is known of them up to a frame.
private struct PrefixBeam {
    /// A beginning: an earlier one and a token more.
    private struct Prefix: Hashable {
        var parent: Int
        var token: Int32
    }

    /// Logarithms of the sums over paths.
    private struct Score {
        /// Of those that end with a blank.
        var blank = -Double.infinity
        /// Of those that end with the last token.
        var other = -Double.infinity
        var total: Double { logarithmicSum(blank, other) }
    }

    private let blank: Int32
    /// Beginnings that were followed once; the first one is empty.
    private var prefixes: [Prefix]
    private var places: [Prefix: Int] = [:]
    private var followed: [(place: Int, score: Score)]
    /// What the last frame found and did not keep: it counts again where it is found again in the next.
    private var dropped: [Prefix: Score] = [:]

    init(blank: Int32) {
        self.blank = blank
        prefixes = [Prefix(parent: -1, token: blank)]
        places[prefixes[0]] = 0
        followed = [(0, Score(blank: 0))]
    }

    mutating func advance(
        _ row: ArraySlice<Float>,
        candidates: [(token: Int32, score: Double)],
        width: Int
    ) {
        func logProbability(_ token: Int32) -> Double {
            let value = row[row.startIndex + Int(token)]
            return value.isNaN ? -.infinity : Double(value)
        }
        let blankScore = logProbability(blank)
        var found: [Prefix: Score] = [:]
        found.reserveCapacity(followed.count * (candidates.count + 1))
        for (place, score) in followed {
            let prefix = prefixes[place]
            let total = score.total
            // The text stays: a blank, or its last token once more.
            var same = found[prefix] ?? Score()
            same.blank = logarithmicSum(same.blank, total + blankScore)
            if place != 0 {
                same.other = logarithmicSum(same.other, score.other + logProbability(prefix.token))
            }
            found[prefix] = same
            // The text grows; an equal token needs a blank between.
            for (token, tokenScore) in candidates {
                let before = token == prefix.token ? score.blank : total
                guard before > -.infinity else { continue }
                let longer = Prefix(parent: place, token: token)
                var grown = found[longer] ?? Score()
                if let old = dropped.removeValue(forKey: longer) {
                    grown.blank = old.total + blankScore
                    grown.other = old.other + tokenScore
                }
                grown.other = logarithmicSum(grown.other, before + tokenScore)
                found[longer] = grown
            }
        }
        keep(found, width)
    }

    private mutating func keep(_ found: [Prefix: Score], _ width: Int) {
        let ranked = found.map { (prefix: $0.key, score: $0.value, total: $0.value.total) }
            .filter { $0.total > -.infinity }
            .sorted {
                ($1.total, $0.prefix.parent, $0.prefix.token) < ($0.total, $1.prefix.parent, $1.prefix.token)
            }
        followed = ranked.prefix(width).map { entry in
            if let place = places[entry.prefix] { return (place, entry.score) }
            places[entry.prefix] = prefixes.count
            prefixes.append(entry.prefix)
            return (prefixes.count - 1, entry.score)
        }
        dropped = Dictionary(
            ranked.dropFirst(width).map { ($0.prefix, $0.score) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    var hypotheses: [CTC.Hypothesis] {
        followed.map { entry in
            var tokens: [Int32] = []
            var place = entry.place
            while place > 0 {
                tokens.append(prefixes[place].token)
                place = prefixes[place].parent
            }
            return CTC.Hypothesis(tokens: tokens.reversed(), logProbability: entry.score.total)
        }
    }
}

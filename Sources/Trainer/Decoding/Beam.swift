import Glibc

/// The beginnings of a text of one utterance that are followed.
struct Beam: Sendable {
    /// A beginning.
    struct Entry: Sendable {
        /// So far, without bounds.
        var tokens: [Int32] = []
        /// The logarithm of its probability.
        var logProbability = 0.0
        /// Whether its end was written: it then stays as it is.
        var isFinished = false
        /// How many tokens were written, the end among them; padding is none.
        var length: Int { tokens.count { $0 != SpecialToken.padding.id } + (isFinished ? 1 : 0) }
    }

    /// In the order of their probability.
    private(set) var entries = [Entry()]
    let options: DecodingOptions
    let maximumTokenCount: Int
    private var stepCount = 0

    init(_ options: DecodingOptions, frameCount: Int) {
        self.options = options
        maximumTokenCount = max(1, min(options.maximumTokenCount, frameCount))
    }

    /// Which beginnings still grow; none once the search is over.
    var growing: [Int] {
        stepCount >= maximumTokenCount ? [] : entries.indices.filter { !entries[$0].isFinished }
    }

    /// Goes one token on.
    ///
    /// A finished text competes with its own score and is not written on. Of equal candidates the one of the earlier
    /// beginning wins, then the lower token.
    ///
    /// - Parameter scores: logarithms of the probabilities of all tokens, one array for each of ``growing``.
    /// - Returns: for each of ``growing`` afterwards, which of those before it continues.
    mutating func advance(_ scores: [ArraySlice<Float>]) -> [Int] {
        let grown = growing
        var candidates: [(entry: Int, token: Int32?, logProbability: Double)] = []
        for (index, entry) in entries.enumerated() where entry.isFinished {
            candidates.append((index, nil, entry.logProbability))
        }
        for (index, row) in zip(grown, scores) {
            let adjusted = adjusted(row, after: entries[index].tokens)
            for (token, score) in Self.best(options.beamWidth, of: adjusted) {
                candidates.append((index, Int32(token), entries[index].logProbability + score))
            }
        }
        guard !candidates.isEmpty else {
            // Nothing may follow: the search ends with what there is.
            stepCount = maximumTokenCount
            return []
        }
        candidates.sort {
            ($1.logProbability, $0.entry, $0.token ?? -1) < ($0.logProbability, $1.entry, $1.token ?? -1)
        }
        stepCount += 1
        let old = entries
        var origins: [Int] = []
        entries = candidates.prefix(options.beamWidth).map { candidate in
            var entry = old[candidate.entry]
            entry.logProbability = candidate.logProbability
            guard let token = candidate.token else { return entry }
            if token == SpecialToken.end.id {
                entry.isFinished = true
            } else {
                entry.tokens.append(token)
                origins.append(grown.firstIndex(of: candidate.entry) ?? 0)
            }
            return entry
        }
        return growing.isEmpty ? [] : origins
    }

    /// What is left of the scores once the rules against repetition had their say.
    private func adjusted(_ row: ArraySlice<Float>, after tokens: [Int32]) -> [Double] {
        var scores = row.map { $0.isNaN ? -Double.infinity : Double($0) }
        func forbid(_ token: Int32) {
            if scores.indices.contains(Int(token)) { scores[Int(token)] = -.infinity }
        }
        options.suppressedTokens.forEach(forbid)
        if options.repetitionPenalty > 1 {
            // Keskar et al., "CTRL", 2019, §4.1, for logarithms.
            for token in Set(tokens) where scores.indices.contains(Int(token)) {
                scores[Int(token)] *= options.repetitionPenalty
            }
        }
        let size = options.noRepeatNGramSize
        if size > 0, tokens.count >= size {
            let tail = tokens.suffix(size - 1)
            for start in 0...(tokens.count - size) where tokens[start..<start + size - 1].elementsEqual(tail)
            {
                forbid(tokens[start + size - 1])
            }
        }
        return scores
    }

    /// The best tokens, the lower one first where two are equal.
    private static func best(_ count: Int, of scores: [Double]) -> [(Int, Double)] {
        var best: [(Int, Double)] = []
        for (token, score) in scores.enumerated() where score > -.infinity {
            if best.count == count {
                guard let last = best.last, score > last.1 else { continue }
                best.removeLast()
            }
            var place = best.count
            while place > 0, best[place - 1].1 < score { place -= 1 }
            best.insert((token, score), at: place)
        }
        return best
    }

    /// All texts, the best first.
    ///
    /// - Parameter scores: of the utterance's frames, where they have a say; nil otherwise.
    /// - Returns: as many as were followed.
    /// - Throws: ``TrainerError/scores(reason:)`` where a text does not fit the frames' vocabulary.
    func hypotheses(_ scores: FrameScores?) throws(TrainerError) -> [Hypothesis] {
        var found: [Hypothesis] = []
        for entry in entries {
            var logProbability = entry.logProbability
            if let scores, options.connectionistWeight > 0 {
                // Watanabe et al., 2017, equation (12); what the frames say of an end is nothing.
                let isText = !entry.tokens.contains(SpecialToken.padding.id)
                let heard = isText ? try CTC.logProbability(of: entry.tokens, scores) : -.infinity
                logProbability =
                    (1 - options.connectionistWeight) * logProbability + options.connectionistWeight * heard
            }
            let length = Double(max(1, entry.length))
            found.append(
                Hypothesis(
                    tokens: entry.tokens,
                    isFinished: entry.isFinished,
                    logProbability: entry.logProbability,
                    score: logProbability / pow(length, options.lengthPenalty)
                )
            )
        }
        // Stable: of equal ones the likelier beginning stays first.
        return found.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
            .map(\.element)
    }
}

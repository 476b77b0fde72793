public import RunRecords
import TensorCore

/// How well a model recognises a corpus.
public struct Evaluation: Sendable {
    /// What was found.
    public struct Result: Sendable {
        /// Means over all utterances' batches.
        public var losses: LossSums
        /// Of the frames alone; nil where that was not asked for.
        public var ctc: RecognitionErrors?
        /// Of the decoder's beam search; nil where that was not asked for.
        public var decoder: RecognitionErrors?
        /// Some texts, and what was heard.
        public var samples: [RunLogWriter.Transcript]
        /// How many utterances were measured.
        public var utteranceCount: Int
        /// Which could not be loaded.
        var unread: [UnreadRecording] = []
        /// How many could not be loaded.
        public var skippedCount: Int { unread.count }
        /// How many were left out when the corpus was read.
        public var leftOutCount = 0

        /// The better of frames and decoder; what the best checkpoint is chosen by.
        ///
        /// A decoder that has not learnt to end yet says nothing of the encoder, and the other way round.
        public var best: RecognitionErrors? {
            [ctc, decoder].compactMap { $0 }.min {
                ($0.words.rate ?? .infinity) < ($1.words.rate ?? .infinity)
            }
        }

        /// The word error rate of ``best``.
        public var wordErrorRate: Double? { best?.words.rate }

        /// As `metrics.jsonl` has it.
        public var scores: [(String, Double)] {
            let means = losses.means
            var scores = [
                ("loss", means.loss), ("ctc_loss", means.ctcLoss), ("ce_loss", means.crossEntropyLoss),
            ]
            if let rate = best?.words.rate { scores.append(("wer", rate)) }
            if let rate = best?.characters.rate { scores.append(("cer", rate)) }
            scores.append(("utterances", Double(utteranceCount)))
            let missingCount = leftOutCount + skippedCount
            if missingCount > 0 { scores.append(("skipped_utterances", Double(missingCount))) }
            for (name, errors) in [("ctc", ctc), ("decoder", decoder)] {
                guard let errors else { continue }
                if let rate = errors.words.rate { scores.append(("\(name)_wer", rate)) }
                if let rate = errors.characters.rate { scores.append(("\(name)_cer", rate)) }
            }
            return scores
        }
    }

    let settings: EvaluationSettings
    let corpus: Corpus
    let loader: BatchLoader
    let limits: BatchLimits
    let tokenizer: Tokenizer
    let loss: HybridLoss

    /// How a text is looked for.
    private var decoding: DecodingOptions {
        DecodingOptions(
            beamWidth: settings.beamSize,
            repetitionPenalty: settings.repetitionPenalty,
            noRepeatNGramSize: settings.unrepeatedLength
        )
    }

    /// Measures.
    ///
    /// - Parameters:
    ///   - features: the front end.
    ///   - weights: of the two losses.
    ///   - isComplete: whether all utterances are measured, whatever `max_utterances` says.
    ///   - isStopped: whether it is to be broken off; asked before every batch.
    /// - Returns: what was found; nil where it was broken off.
    /// - Throws: what loading and the model throw.
    func run(
        _ features: BatchFeatures,
        weights: LossWeights.Pair,
        isComplete: Bool,
        isStopped: () -> Bool
    ) async throws -> Result? {
        let limit = isComplete ? nil : settings.maximumUtteranceCount
        let measured = limit.map { Corpus(utterances: Self.spread(corpus.utterances, $0)) } ?? corpus
        let plan = BatchPlan(inOrderOf: measured, limits: limits)
        var result = Result(losses: LossSums(), samples: [], utteranceCount: 0)
        var pairs: (ctc: [(String, String)], decoder: [(String, String)]) = ([], [])
        let loader = limit == nil ? loader : loader.with(measured)
        try await loader.withBatches(of: plan) { batches in
            while !isStopped(), let batch = try await batches.next() {
                try measure(batch, features, weights, &result, &pairs)
            }
            result.unread = batches.unread
        }
        if isStopped() { return nil }
        result.leftOutCount = corpus.skipped.total
        if settings.usesCTC { result.ctc = Self.errors(pairs.ctc) }
        if settings.usesDecoder { result.decoder = Self.errors(pairs.decoder) }
        let decoderIsBetter = (result.decoder?.words.rate ?? 1) <= (result.ctc?.words.rate ?? 1)
        let shown = settings.usesDecoder && (decoderIsBetter || !settings.usesCTC) ? pairs.decoder : pairs.ctc
        result.samples = Self.spread(shown, settings.sampleCount).map {
            RunLogWriter.Transcript(reference: $0.0, hypothesis: $0.1)
        }
        return result
    }

    private func measure(
        _ batch: TrainingBatch,
        _ features: BatchFeatures,
        _ weights: LossWeights.Pair,
        _ result: inout Result,
        _ pairs: inout (ctc: [(String, String)], decoder: [(String, String)])
    ) throws {
        try withoutGradients {
            let model = features.model
            let heard = try model.encode(features(batch), .evaluation)
            let tokens = TokenBatch(batch.items.map(\.targets))
            let values = try loss(model, heard, tokens, .evaluation)
            var sums = LossSums()
            sums.count = 1
            (sums.ctcLoss, sums.crossEntropyLoss) = (
                Double(try values.connectionist.item()), Double(try values.crossEntropy.item())
            )
            sums.loss = weights.total(ctc: sums.ctcLoss, crossEntropy: sums.crossEntropyLoss)
            result.losses.add(sums)
            result.utteranceCount += batch.items.count
            let references = batch.items.map(\.utterance.text)
            if settings.usesCTC {
                for (reference, scores) in zip(references, try heard.frameScores()) {
                    pairs.ctc.append((reference, try tokenizer.decode(CTC.greedyTokens(scores))))
                }
            }
            if settings.usesDecoder {
                for (reference, found) in zip(references, try model.transcriptions(of: heard, decoding)) {
                    pairs.decoder.append((reference, try tokenizer.decode(found.first?.tokens ?? [])))
                }
            }
        }
    }

    private static func errors(_ pairs: [(String, String)]) -> RecognitionErrors {
        pairs.reduce(into: RecognitionErrors()) { total, pair in
            total += RecognitionErrors(reference: pair.0, hypothesis: pair.1)
        }
    }

    /// Some elements, evenly spread.
    private static func spread<Element>(_ all: [Element], _ count: Int) -> [Element] {
        guard count < all.count else { return all }
        return (0..<max(0, count)).map { all[$0 * all.count / count] }
    }
}

import Glibc
import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// Greedy and beam search by the decoder, against decoding without a cache in double precision.
@Suite struct AttentionDecodingTests {
    private func heard(_ name: String) throws -> (VoxFormer, VoxFormer.Encoded) {
        let model = try name == "random" ? TinyVoxFormer.model() : TinyVoxFormer.fittedModel()
        let batch = try TinyVoxFormer.batch(GoldenFile("full_tiny.io"))
        return (model, try model.encode(batch.waveform, lengths: batch.lengths, .evaluation))
    }

    /// The fixtures count the beginning, and let any token follow.
    private func options(width: Int, power: Double) -> DecodingOptions {
        DecodingOptions(
            beamWidth: width,
            maximumTokenCount: 23,
            lengthPenalty: power,
            suppressedTokens: []
        )
    }

    @Test(
        arguments: ["random", "trained"],
        [("fixed_greedy", 1, 1.0), ("fixed_beam4_alpha0", 4, 0.0), ("fixed_beam4_alpha1", 4, 1.0)]
    )
    func decodingIsThatOfTheOriginalPutRight(_ name: String, _ search: (String, Int, Double)) throws {
        let (model, heard) = try heard(name)
        let file = try GoldenFile("decode_tiny")
        try file.expectClose(heard.frames, "\(name).encoder_output", 3e-5)
        let expected = try file.tensor("\(name).\(search.0)")
        let rows = try expected.floats().map { Int32($0) }
        let width = expected.shape[1]
        let found = try model.transcriptions(of: heard, options(width: search.1, power: search.2))
        for (row, hypotheses) in found.enumerated() {
            let best = try #require(hypotheses.first)
            var tokens = [SpecialToken.beginning.id] + best.tokens
            if best.isFinished { tokens.append(SpecialToken.end.id) }
            tokens += [Int32](repeating: 0, count: max(0, width - tokens.count))
            #expect(tokens == Array(rows[row * width..<(row + 1) * width]))
            guard search.1 > 1 else { continue }
            let score = try file.tensor("\(name).\(search.0)_score").floats()[row]
            #expect(abs(best.score - Double(score)) <= 1e-4 * max(1, abs(Double(score))))
        }
    }

    /// Each utterance finds the same alone as in a batch with others.
    @Test func utterancesDoNotDisturbEachOther() throws {
        let (model, heard) = try heard("random")
        let options = DecodingOptions(beamWidth: 3, maximumTokenCount: 12)
        let together = try model.transcriptions(of: heard, options)
        let lengths = try #require(heard.lengths)
        for row in 0..<3 {
            var alone = heard
            alone.frames = try heard.frames.rows([row])
            alone.tokenScores = try heard.tokenScores.rows([row])
            alone.lengths = [lengths[row]]
            let found = try model.transcriptions(of: alone, options)[0]
            #expect(found.map(\.tokens) == together[row].map(\.tokens))
        }
    }

    @Test func noSequenceComesTwiceWhereThatIsForbidden() throws {
        let (model, heard) = try heard("random")
        let free = DecodingOptions(beamWidth: 2, maximumTokenCount: 23)
        #expect(try repeats(3, model.transcriptions(of: heard, free)))
        var strict = free
        strict.noRepeatNGramSize = 3
        #expect(try !repeats(3, model.transcriptions(of: heard, strict)))
        strict.noRepeatNGramSize = 1
        #expect(try !repeats(1, model.transcriptions(of: heard, strict)))
    }

    private func repeats(_ size: Int, _ found: [[Hypothesis]]) throws -> Bool {
        try found.contains { hypotheses in
            let tokens = try #require(hypotheses.first).tokens
            guard tokens.count >= size else { return false }
            let grams = (0...tokens.count - size).map { Array(tokens[$0..<$0 + size]) }
            return Set(grams).count < grams.count
        }
    }

    @Test func repetitionIsDislikedTheMoreTheLarger() throws {
        let (model, heard) = try heard("random")
        func distinct(_ penalty: Double) throws -> Int {
            let options = DecodingOptions(
                beamWidth: 1,
                maximumTokenCount: 23,
                repetitionPenalty: penalty
            )
            return try model.transcriptions(of: heard, options).reduce(0) { $0 + Set($1[0].tokens).count }
        }
        #expect(try distinct(1) < distinct(3))
    }

    /// With all the weight on the frames the order of the texts is that of their sums over paths.
    @Test func framesHaveTheirSay() throws {
        let (model, heard) = try heard("random")
        let frames = try heard.frameScores()
        let options = DecodingOptions(
            beamWidth: 6,
            maximumTokenCount: 8,
            lengthPenalty: 0,
            connectionistWeight: 1
        )
        for (row, hypotheses) in try model.transcriptions(of: heard, options).enumerated() {
            let sums = try hypotheses.map { try CTC.logProbability(of: $0.tokens, frames[row]) }
            #expect(sums == sums.sorted(by: >))
            #expect(zip(sums, hypotheses).allSatisfy { $0 == $1.score })
        }
    }

    @Test func optionsThatFindNothingAreRefused() throws {
        let (model, heard) = try heard("random")
        let wrong = [
            DecodingOptions(beamWidth: 0), DecodingOptions(maximumTokenCount: 0),
            DecodingOptions(lengthPenalty: .nan), DecodingOptions(repetitionPenalty: 0.5),
            DecodingOptions(noRepeatNGramSize: -1), DecodingOptions(connectionistWeight: 1.5),
        ]
        for options in wrong {
            #expect(throws: TrainerError.self) { try model.transcriptions(of: heard, options) }
        }
        let silent = DecodingOptions(maximumTokenCount: 3, suppressedTokens: Set(0..<50))
        #expect(try model.transcriptions(of: heard, silent).allSatisfy { $0.map(\.tokens) == [[]] })
    }

    @Test func rowsOfACacheMustExist() throws {
        let (model, heard) = try heard("random")
        var cache = try model.decoder.cache(frames: heard.frames, lengths: heard.lengths)
        #expect(throws: TensorError.self) { try cache.keep(rows: [0, 3]) }
        try cache.keep(rows: [2, 2, 0])
        #expect(cache.rowCount == 3)
        try cache.keep(rows: [])
        #expect(cache.rowCount == 0)
    }
}

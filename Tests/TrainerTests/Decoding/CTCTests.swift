import Glibc
import TensorCore
import TestSupport
import Testing

@testable import Trainer

@Suite struct CTCTests {
    /// Rows of logarithms of probabilities that sum to 1.
    private func scores(_ frames: Int, _ tokens: Int, _ random: inout SeededRandom) throws -> FrameScores {
        try FrameScores(
            rows: (0..<frames).map { _ in
                let logits = (0..<tokens).map { _ in Double.random(in: -3...3, using: &random) }
                let total = logits.reduce(0) { $0 + exp($1) }
                return logits.map { Float($0 - log(total)) }
            }
        )
    }

    /// Every path there is, with the logarithm of its probability.
    private func paths(_ scores: FrameScores) -> [(path: [Int32], score: Double)] {
        (0..<scores.frameCount).reduce([([], 0)]) { paths, frame in
            paths.flatMap { path, score in
                scores[frame].enumerated().map { (path + [Int32($0.offset)], score + Double($0.element)) }
            }
        }
    }

    /// The probability of every text, by adding up all paths.
    private func texts(_ scores: FrameScores, blank: Int32) -> [[Int32]: Double] {
        paths(scores).reduce(into: [:]) { sums, entry in
            sums[CTC.tokens(ofPath: entry.path, blank: blank), default: 0] += exp(entry.score)
        }
    }

    @Test(arguments: ["random", "trained"])
    func greedyAgreesWithTheOriginal(_ name: String) throws {
        let file = try GoldenFile("decode_tiny")
        let logits = try file.tensor("\(name).ctc_logits")
        let (frames, size) = (logits.shape[1], logits.shape[2])
        let values = try logits.floats()
        let expected = try file.tensor("\(name).ctc_greedy")
        let tokens = try expected.floats()
        let lengths = try file.lengths("\(name).encoder_mask")
        for (row, length) in lengths.enumerated() {
            let start = row * frames * size
            let scores = try FrameScores(Array(values[start..<start + length * size]), vocabularySize: size)
            let width = expected.shape[1]
            let want = tokens[row * width..<(row + 1) * width].filter { $0 >= 0 }.map { Int32($0) }
            #expect(!want.isEmpty)
            #expect(try CTC.greedyTokens(scores) == want)
        }
    }

    @Test func aPathReadsAsGravesSays() {
        // Graves et al., 2006, §3.1: B(a−ab−) = B(−aa−−abb) = aab.
        #expect(CTC.tokens(ofPath: [1, 0, 1, 2, 0]) == [1, 1, 2])
        #expect(CTC.tokens(ofPath: [0, 1, 1, 0, 0, 1, 2, 2]) == [1, 1, 2])
        #expect(CTC.tokens(ofPath: []) == [])
    }

    @Test func aWideBeamIsTheSumOverAllPaths() throws {
        var random = SeededRandom.fresh()
        for (frames, size, blank) in [(1, 3, 0), (4, 3, 0), (5, 3, 2), (6, 2, 1), (4, 4, 1)]
            as [(Int, Int, Int32)]
        {
            let scores = try scores(frames, size, &random)
            let expected = texts(scores, blank: blank)
            let found = try CTC.beamSearch(scores, width: 10_000, candidateCount: size, blank: blank)
            #expect(
                Set(found.map(\.tokens)) == Set(expected.keys) && found.count == expected.count,
                "\(random)"
            )
            for one in found {
                #expect(abs(exp(one.logProbability) - (expected[one.tokens] ?? 0)) < 1e-9, "\(one) \(random)")
            }
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.logProbability >= $1.logProbability })
            #expect(abs(found.reduce(0) { $0 + exp($1.logProbability) } - 1) < 1e-5, "\(random)")
        }
    }

    @Test func aNarrowBeamNeverCountsTooMuch() throws {
        var random = SeededRandom.fresh()
        for width in [1, 2, 3, 5] {
            let scores = try scores(6, 3, &random)
            let expected = texts(scores, blank: 0)
            let found = try CTC.beamSearch(scores, width: width, candidateCount: 2)
            #expect(found.count <= width && !found.isEmpty, "\(random)")
            for one in found {
                #expect(
                    exp(one.logProbability) <= (expected[one.tokens] ?? 0) + 1e-9,
                    "\(width) \(one) \(random)"
                )
            }
        }
    }

    /// Two frames in which the blank is the best token, but `a` the best text: where the best path is wrong.
    @Test func aBeamFindsWhatTheBestPathMisses() throws {
        let scores = try FrameScores(rows: [[log(0.6), log(0.4)], [log(0.6), log(0.4)]])
        #expect(try CTC.greedyTokens(scores) == [])
        let found = try CTC.beamSearch(scores, width: 2)
        #expect(found.map(\.tokens) == [[1], []])
        #expect(abs(exp(found[0].logProbability) - 0.64) < 1e-6)
    }

    /// `ab` is dropped after two frames, and found again from `a` after three: Hannun et al., algorithm 1, the case of a
    /// beginning that is not among the kept ones.
    @Test func whatWasDroppedCountsWhereItIsFoundAgain() throws {
        let rows: [[Float]] = [[0.05, 0.9, 0.05], [0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]
        let found = try CTC.beamSearch(FrameScores(rows: rows.map { $0.map { log($0) } }), width: 1)
        // From `a`, and what was dropped: `b` once more, or a blank.
        let expected = 0.9 * (0.5 + 0.3) * 0.8 + 0.9 * 0.2 * (0.8 + 0.1)
        #expect(found.map(\.tokens) == [[1, 2]])
        #expect(found.allSatisfy { abs(exp($0.logProbability) - expected) < 1e-6 })
    }

    /// A text is not found where one of its tokens was no candidate.
    @Test func onlyTheBestTokensOfAFrameContinueAText() throws {
        let rows: [[Float]] = [[0.2, 0.3, 0.5], [0.2, 0.3, 0.5]]
        let found = try CTC.beamSearch(
            FrameScores(rows: rows.map { $0.map { log($0) } }),
            width: 100,
            candidateCount: 1
        )
        #expect(found.map(\.tokens) == [[2], []])
    }

    @Test func impossibleFramesLeaveNothingAndNoTrap() throws {
        let rows: [[Float]] = [[-.infinity, -.infinity], [.nan, .nan]]
        #expect(try CTC.beamSearch(FrameScores(rows: rows)).isEmpty)
        #expect(try CTC.align(FrameScores(rows: rows), to: [1]) == nil)
        #expect(try CTC.greedyTokens(FrameScores(rows: rows)) == [])
        let none = try FrameScores([], vocabularySize: 3)
        #expect(try CTC.beamSearch(none) == [CTC.Hypothesis(tokens: [], logProbability: 0)])
        #expect(try CTC.align(none, to: [1]) == nil)
        #expect(try CTC.align(none, to: []) == CTC.Alignment(spans: [], logProbability: 0))
    }

    @Test func alignmentIsTheBestPathOfTheText() throws {
        var random = SeededRandom.fresh()
        for text in [[], [1], [1, 2], [1, 1], [2, 1, 2], [1, 1, 2], [2, 2, 2, 2]] as [[Int32]] {
            let scores = try scores(6, 3, &random)
            let best = paths(scores).filter { CTC.tokens(ofPath: $0.path) == text }.max {
                $0.score < $1.score
            }
            let found = try CTC.align(scores, to: text)
            #expect((found == nil) == (best == nil), "\(text) \(random)")
            guard let found, let best else { continue }
            #expect(abs(found.logProbability - best.score) < 1e-9, "\(text) \(random)")
            // The spans say the path: blanks lie elsewhere.
            var path = [Int32](repeating: 0, count: 6)
            for span in found.spans { for frame in span.frames { path[frame] = span.token } }
            #expect(path == best.path, "\(text) \(random)")
            #expect(found.spans.map(\.token) == text, "\(random)")
            for span in found.spans {
                let sum = span.frames.reduce(0.0) { $0 + Double(scores.values[$1 * 3 + Int(span.token)]) }
                #expect(abs(span.logProbability - sum / Double(span.frames.count)) < 1e-9, "\(random)")
            }
        }
    }

    @Test func whatDoesNotFitIsTold() throws {
        let scores = try FrameScores(rows: [[0, 0, 0]])
        #expect(
            throws: TrainerError.scores(reason: "4 numbers are no rows of 3 tokens; pass frames × vocabulary")
        ) {
            try FrameScores([0, 0, 0, 0], vocabularySize: 3)
        }
        #expect(throws: TrainerError.self) { try FrameScores(rows: [[0, 0], [0]]) }
        #expect(throws: TrainerError.scores(reason: "the blank 3 is not in the vocabulary of 3 tokens")) {
            try CTC.greedyTokens(scores, blank: 3)
        }
        #expect(throws: TrainerError.self) { try CTC.align(scores, to: [7]) }
        #expect(throws: TrainerError.scores(reason: "the text holds the blank 0; leave it out")) {
            try CTC.align(scores, to: [0])
        }
        #expect(
            throws: TrainerError.configuration(key: "beam width", reason: "it is 0; at least 1 is needed")
        ) {
            try CTC.beamSearch(scores, width: 0)
        }
    }

    /// The forward variables sum what walking every path sums.
    @Test func theProbabilityOfATextIsTheSumOverItsPaths() throws {
        var random = SeededRandom(seed: 5)
        for frames in 1...5 {
            let scores = try scores(frames, 3, &random)
            let sums = texts(scores, blank: 0)
            for (text, probability) in sums {
                let got = try CTC.logProbability(of: text, scores)
                #expect(abs(got - log(probability)) < 1e-9)
            }
            #expect(try CTC.logProbability(of: [1, 1, 1, 2, 2], scores) == -.infinity)
        }
        let none = try FrameScores([], vocabularySize: 3)
        #expect(try CTC.logProbability(of: [], none) == 0)
        #expect(try CTC.logProbability(of: [1], none) == -.infinity)
        #expect(throws: TrainerError.self) { try CTC.logProbability(of: [0], none) }
        #expect(throws: TrainerError.self) { try CTC.logProbability(of: [3], none) }
    }
}

import Foundation
import TestSupport
import Testing

@testable import Trainer

/// Word and character error rates against `metrics_wer.json`, of which jiwer agrees with all that have a reference.
@Suite struct RecognitionErrorsTests {
    private struct Golden: Decodable {
        struct Case: Decodable {
            var ref, hyp, ref_norm, hyp_norm: String
            var S, D, I, N: Int
            var wer, cer: Double
        }
        struct Corpus: Decodable {
            var wer: Double
            var substitutions, deletions, insertions, total_words, total_errors: Int
        }
        var cases: [Case]
        var corpus: Corpus
    }

    private func golden() throws -> Golden {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Fixtures/metrics_wer.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }

    @Test func everyCaseAgrees() throws {
        let cases = try golden().cases
        #expect(cases.count == 16)
        for one in cases {
            #expect(TextNormalization.words(one.ref).joined(separator: " ") == one.ref_norm)
            #expect(TextNormalization.words(one.hyp).joined(separator: " ") == one.hyp_norm)
            let errors = RecognitionErrors(reference: one.ref, hypothesis: one.hyp)
            let expected = EditCounts(
                hits: one.N - one.S - one.D,
                substitutions: one.S,
                deletions: one.D,
                insertions: one.I
            )
            #expect(errors.words == expected, "\(one.ref) | \(one.hyp)")
            // The original calls an empty reference 0 % wrong; here it has no rate.
            #expect((errors.words.rate == nil) == (one.N == 0))
            #expect(abs((errors.words.rate ?? 0) * 100 - one.wer) < 1e-9, "\(one.ref) | \(one.hyp)")
            #expect(abs((errors.characters.rate ?? 0) * 100 - one.cer) < 1e-9, "\(one.ref) | \(one.hyp)")
        }
    }

    @Test func aCorpusPoolsErrorsAndWords() throws {
        let golden = try golden()
        var total = RecognitionErrors()
        for one in golden.cases { total += RecognitionErrors(reference: one.ref, hypothesis: one.hyp) }
        #expect(total.words.substitutions == golden.corpus.substitutions)
        #expect(total.words.deletions == golden.corpus.deletions)
        #expect(total.words.insertions == golden.corpus.insertions)
        #expect(total.words.referenceCount == golden.corpus.total_words)
        #expect(total.words.errorCount == golden.corpus.total_errors)
        #expect(abs((total.words.rate ?? 0) * 100 - golden.corpus.wer) < 1e-9)
    }

    @Test func bothWaysToWriteAnAccentAreEqual() {
        let errors = RecognitionErrors(reference: "caf\u{e9}", hypothesis: "cafe\u{301}")
        #expect(errors.words == EditCounts(hits: 1) && errors.characters == EditCounts(hits: 4))
    }

    /// The definition of the distance, by recursion: the last elements are equal, or one of three edits was made.
    private func distance(_ left: ArraySlice<Int>, _ right: ArraySlice<Int>) -> Int {
        guard let last = left.last, let other = right.last else { return left.count + right.count }
        let diagonal = distance(left.dropLast(), right.dropLast())
        if last == other { return diagonal }
        return 1 + min(diagonal, distance(left.dropLast(), right), distance(left, right.dropLast()))
    }

    @Test func theFewestEditsAreFoundAndLengthsAddUp() {
        var random = SeededRandom.fresh()
        for _ in 0..<200 {
            let left = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                Int.random(in: 0..<3, using: &random)
            }
            let right = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                Int.random(in: 0..<3, using: &random)
            }
            let counts = EditCounts(reference: left, hypothesis: right)
            #expect(counts.errorCount == distance(left[...], right[...]), "\(left) \(right) \(random)")
            #expect(counts.referenceCount == left.count && counts.hypothesisCount == right.count, "\(random)")
            #expect(counts.hits >= 0 && counts.hits <= min(left.count, right.count), "\(random)")
        }
    }
}

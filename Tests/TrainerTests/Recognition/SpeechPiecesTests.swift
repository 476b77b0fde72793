import TestSupport
import Testing

@testable import Trainer

/// Long recordings are cut where it is quiet, and nothing of them is lost.
@Suite struct SpeechPiecesTests {
    private static let rate = 1000

    private func cut(_ samples: [Float], longest: Double) -> [Range<Int>] {
        SpeechPieces.cut(samples, sampleRateHz: Self.rate, longestSeconds: longest)
    }

    @Test func piecesAreTheWholeAndNoneIsTooLong() {
        var random = SeededRandom.fresh()
        for count in [0, 1, 299, 30_000, 30_001, 65_537, 100_000] {
            let samples = (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
            let pieces = cut(samples, longest: 30)
            #expect(pieces.first?.lowerBound == 0 && pieces.last?.upperBound == count, "\(random)")
            #expect(
                zip(pieces, pieces.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound },
                "\(random)"
            )
            #expect(pieces.allSatisfy { $0.count <= 30_000 }, "\(random)")
        }
    }

    @Test func theCutIsInTheQuietPlace() {
        var samples = [Float](repeating: 0.5, count: 40_000)
        for index in 24_000..<24_400 { samples[index] = 0 }
        let pieces = cut(samples, longest: 30)
        #expect(pieces.count == 2)
        #expect((24_000..<24_400).contains(pieces[0].upperBound))
    }
}

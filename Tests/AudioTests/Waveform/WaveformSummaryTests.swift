import TestSupport
import Testing

@testable import Audio

/// A summary tells of every sample in exactly one piece.
@Suite struct WaveformSummaryTests {
    @Test func piecesAgreeWithALoop() {
        var random = SeededRandom.fresh()
        for _ in 0..<60 {
            let count = Int.random(in: 0...9_000, using: &random)
            let bucketCount = Int.random(in: 1...300, using: &random)
            let samples = (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
            let summary = WaveformSummary(samples, bucketCount: bucketCount)
            #expect(summary.buckets.count == bucketCount)
            for (index, bucket) in summary.buckets.enumerated() {
                let piece = samples[index * count / bucketCount..<(index + 1) * count / bucketCount]
                #expect(bucket.minimum == piece.min() ?? 0, "\(random)")
                #expect(bucket.maximum == piece.max() ?? 0, "\(random)")
                let mean = piece.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, piece.count))
                #expect(abs(Double(bucket.rootMeanSquare) - mean.squareRoot()) < 1e-6, "\(random)")
            }
        }
    }

    @Test func blocksGiveWhatTheWholeGives() {
        var random = SeededRandom.fresh()
        let samples = (0..<50_000).map { _ in Float.random(in: -1...1, using: &random) }
        var builder = WaveformBuilder(sampleCount: samples.count, bucketCount: 77)
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + Int.random(in: 0...3_000, using: &random))
            builder.append(Array(samples[start..<end]))
            start = end
        }
        let whole = WaveformSummary(samples, bucketCount: 77)
        for (left, right) in zip(builder.summary.buckets, whole.buckets) {
            #expect(left.minimum == right.minimum && left.maximum == right.maximum, "\(random)")
            #expect(abs(left.rootMeanSquare - right.rootMeanSquare) < 1e-6, "\(random)")
        }
    }

    @Test func whatComesBeyondTheClaimGoesIntoTheLastPiece() {
        var builder = WaveformBuilder(sampleCount: 4, bucketCount: 2)
        builder.append([0.1, 0.2, 0.3, 0.4, 0.9])
        builder.append([-0.9])
        #expect(builder.summary.buckets.map(\.minimum) == [0.1, -0.9])
        #expect(builder.summary.buckets.map(\.maximum) == [0.2, 0.9])
    }
}

import Glibc
import TestSupport
import Testing

@testable import SiteGen

/// Smoothing by half-lives in steps, over all points, with the bias of the start taken away.
@Suite struct SmoothingAccumulatorTests {
    /// The definition, written out: each point weighs 2^(-distance / half-life).
    private func average(_ points: ArraySlice<DataPoint>, halfLife: Double) -> Double {
        guard let last = points.last else { return .nan }
        var sum = 0.0
        var weights = 0.0
        for point in points {
            let weight = exp2(-(last.x - point.x) / halfLife)
            sum += weight * point.y
            weights += weight
        }
        return sum / weights
    }

    private func irregular(_ count: Int, _ random: inout SeededRandom) -> [DataPoint] {
        var x = 0.0
        return (0..<count).map { _ in
            x += Double(Int.random(in: 0...20, using: &random))
            return DataPoint(x: x, y: Double.random(in: -5...5, using: &random))
        }
    }

    @Test func `every value is the weighted mean of all points before it`() {
        var random = SeededRandom.fresh()
        let points = irregular(500, &random)
        var smoothing = SmoothingAccumulator(interval: 10)
        for point in points { smoothing.add(point.x, point.y) }
        for index in 0..<4 {
            let curve = smoothing.curve(index)
            for sample in curve.points {
                let end = points.lastIndex { $0.x == sample.x }
                let expected = average(points[...(end ?? 0)], halfLife: curve.halfLifeSteps)
                #expect(abs(sample.y - expected) < 1e-9, "\(sample), \(random)")
            }
        }
    }

    @Test func `a prefix smooths identically however long the run grows`() {
        var random = SeededRandom.fresh()
        let points = irregular(200_000, &random)
        var smoothing = SmoothingAccumulator(interval: 10)
        var early: [Double: Double] = [:]
        for (index, point) in points.enumerated() {
            smoothing.add(point.x, point.y)
            if index == 10_000 { for sample in smoothing.curve(1).points { early[sample.x] = sample.y } }
        }
        let late = smoothing.curve(1).points
        #expect(late.count <= SmoothingAccumulator.sampleLimit + 1)
        let common = late.filter { early[$0.x] != nil }
        #expect(common.count > 20)
        // Bit for bit, not nearly.
        for sample in common { #expect(early[sample.x] == sample.y, "\(sample), \(random)") }
    }

    @Test func `how often a trainer logs does not matter`() {
        var dense = SmoothingAccumulator(interval: 10)
        var sparse = SmoothingAccumulator(interval: 10)
        for step in 0...5000 {
            let y = Double(step) / 1000
            dense.add(Double(step), y)
            if step % 10 == 0 { sparse.add(Double(step), y) }
        }
        let (a, b) = (dense.curve(1).points.last, sparse.curve(1).points.last)
        #expect(abs((a?.y ?? 0) - (b?.y ?? 9)) < 0.01)
    }

    @Test func `a constant stays what it is`() {
        var smoothing = SmoothingAccumulator(interval: 1)
        for step in 0..<1000 { smoothing.add(Double(step), 0.25) }
        for index in 0..<4 { #expect(smoothing.curve(index).points.allSatisfy { abs($0.y - 0.25) < 1e-12 }) }
    }
}

import TestSupport
import Testing

@testable import SiteGen

/// What is kept of a series must draw the same picture as the whole: every extreme, both ends, every gap.
@Suite struct SeriesSummaryTests {
    private func summary(_ points: [DataPoint]) -> [DataPoint] {
        var summary = SeriesSummary()
        for point in points { summary.add(point.x, point.y) }
        return summary.points
    }

    private func noise(_ count: Int, _ random: inout SeededRandom) -> [DataPoint] {
        (0..<count).map { DataPoint(x: Double($0), y: Double.random(in: 0...1, using: &random)) }
    }

    @Test func `a short series is kept whole`() {
        var random = SeededRandom.fresh()
        let points = noise(SeriesSummary.pointLimit, &random)
        #expect(summary(points) == points, "\(random)")
    }

    @Test func `a one-point spike anywhere in a million is kept`() {
        var random = SeededRandom.fresh()
        var points = noise(1_000_000, &random)
        var spikes: [DataPoint] = []
        for sign in [1.0, -1] {
            for _ in 0..<100 {
                let place = Int.random(in: 0..<points.count, using: &random)
                points[place].y = sign * 100
                spikes.append(points[place])
            }
        }
        let kept = summary(points)
        #expect(kept.count <= SeriesSummary.pointLimit + 6)
        let steps = Set(kept.filter { abs($0.y) == 100 }.map(\.x))
        // Each bucket keeps its first highest and first lowest point, so of two spikes within about 1/1000 of
        // the run one may stand for both.
        for spike in spikes where points[Int(spike.x)].y == spike.y {
            let isShown = steps.contains { abs($0 - spike.x) <= 1024 }
            #expect(isShown, "\(spike), \(random)")
        }
    }

    @Test func `points keep their order, their values and both ends`() {
        var random = SeededRandom.fresh()
        let points = noise(50_000, &random)
        let kept = summary(points)
        #expect(kept.first == points.first && kept.last == points.last)
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.x <= $1.x })
        #expect(kept.allSatisfy { points[Int($0.x)] == $0 }, "\(random)")
    }

    @Test func `each bucket has the first, last, lowest and highest of the points in it`() {
        var random = SeededRandom.fresh()
        let points = noise(100_000, &random)
        let kept = summary(points)
        // 100,000 steps end up in buckets of 128 from step 2048 on.
        for start in stride(from: 2048, to: 99_000, by: 128) {
            let all = points[start..<start + 128]
            let some = kept.filter { $0.x >= Double(start) && $0.x < Double(start + 128) }
            #expect(some.first == all.first && some.last == all.last, "\(start), \(random)")
            #expect(some.map(\.y).min() == all.map(\.y).min(), "\(start), \(random)")
            #expect(some.map(\.y).max() == all.map(\.y).max(), "\(start), \(random)")
        }
    }

    @Test func `the beginning keeps its detail for logarithmic axes`() {
        var random = SeededRandom.fresh()
        let kept = summary(noise(1_000_000, &random))
        // 16 buckets per octave down to single steps: the first 16 steps are all there.
        #expect(kept.prefix(16).map(\.x) == (0..<16).map { Double($0) })
        #expect(kept.count { $0.x < 1024 } > 256)
    }

    @Test func `a gap stays a gap`() {
        var points = (0..<200_000).map { DataPoint(x: Double($0), y: 1) }
        for index in 70_000..<90_000 { points[index].y = .nan }
        points[150_000].y = .infinity
        let kept = summary(points)
        let gap = kept.filter { !$0.y.isFinite }.map(\.x)
        #expect(gap.contains(70_000) && gap.contains(89_999) && gap.contains(150_000))
        #expect(kept.contains { $0.x == 69_999 } && kept.contains { $0.x == 90_000 })
    }

    @Test func `many points at one step, negative and fractional steps`() {
        var random = SeededRandom.fresh()
        var points: [DataPoint] = []
        for step in -300..<300 {
            for _ in 0..<44 {
                points.append(DataPoint(x: Double(step) / 7, y: Double.random(in: -1...1, using: &random)))
            }
        }
        let kept = summary(points)
        #expect(kept.first == points.first && kept.last == points.last)
        #expect(kept.map(\.y).max() == points.map(\.y).max() && kept.map(\.y).min() == points.map(\.y).min())
        #expect(Set(kept.map(\.x)).count == 600)
    }
}

import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Decimation")
struct DecimationTests {
    /// A hostile series: several points share an x, some x and y are no numbers, some x go back.
    private func series(_ count: Int, ordered: Bool, _ random: inout SeededRandom) -> [DataPoint] {
        var x = Double.random(in: -100...100, using: &random)
        return (0..<count).map { _ in
            if Int.random(in: 0..<3, using: &random) > 0 { x += Double.random(in: 0...2, using: &random) }
            if !ordered, Int.random(in: 0..<20, using: &random) == 0 { x -= 30 }
            let special = Int.random(in: 0..<40, using: &random)
            let y =
                special == 0
                ? Double.nan : special == 1 ? .infinity : Double.random(in: -1...1, using: &random)
            let isLost = !ordered && Int.random(in: 0..<50, using: &random) == 0
            return DataPoint(x: isLost ? .nan : x, y: y)
        }
    }

    /// What must be kept, straight from the definition, column by column.
    private func oracle(_ points: [DataPoint], _ scale: Scale, _ columns: Int) -> Set<Int> {
        var kept: Set<Int> = []
        let placed = points.indices.filter { scale.fraction(of: points[$0].x).isFinite }
        let finite = placed.filter { points[$0].y.isFinite }
        func column(_ index: Int) -> Int {
            let fraction = scale.fraction(of: points[index].x)
            return fraction < 0
                ? -1 : fraction > 1 ? columns : min(columns - 1, Int(fraction * Double(columns)))
        }
        func keepM4(_ members: [Int]) {
            guard let first = members.first, let last = members.last else { return }
            kept.formUnion([first, last])
            if let lowest = members.min(by: { points[$0].y < points[$1].y }) { kept.insert(lowest) }
            if let highest = members.first(where: { index in
                members.allSatisfy { points[$0].y <= points[index].y }
            }) {
                kept.insert(highest)
            }
        }
        keepM4(finite)
        for members in Dictionary(grouping: finite, by: column).values { keepM4(members) }
        for (before, after) in zip(placed, placed.dropFirst()) {
            if points[before].y.isFinite != points[after].y.isFinite { kept.formUnion([before, after]) }
        }
        return kept
    }

    @Test("What is kept is what the definition asks for, no more, in logged order")
    func agreesWithOracle() {
        var random = SeededRandom.fresh()
        for round in 0..<100 {
            let points = series(Int.random(in: 0...600, using: &random), ordered: round % 2 == 0, &random)
            let lower = Double.random(in: -150...150, using: &random)
            let scale = Scale(from: lower, to: lower + Double.random(in: 1...600, using: &random))
            let columns = Int.random(in: 1...200, using: &random)
            let kept = Decimation.indices(of: points, along: scale, columns: columns)
            let wanted = oracle(points, scale, columns)
            #expect(zip(kept, kept.dropFirst()).allSatisfy { $0 < $1 }, "\(random)")
            let finite = Set(kept.filter { points[$0].y.isFinite })
            let wantedFinite = wanted.filter { points[$0].y.isFinite }
            #expect(finite == wantedFinite, "\(random)")
        }
    }

    @Test("The line breaks between the same points as the full one")
    func gapsSurvive() {
        var random = SeededRandom.fresh()
        for _ in 0..<80 {
            let points = series(Int.random(in: 2...400, using: &random), ordered: true, &random)
            let scale = Scale(from: -150, to: 600)
            let kept = Decimation.indices(of: points, along: scale, columns: 50)
            for (before, after) in zip(kept, kept.dropFirst())
            where points[before].y.isFinite && points[after].y.isFinite {
                #expect(points[before...after].allSatisfy { $0.y.isFinite }, "\(random)")
            }
        }
    }

    @Test("One spike anywhere among a hundred thousand points is kept")
    func spikeSurvives() {
        var random = SeededRandom.fresh()
        var points = ChartFixtures.points((0..<100_000).map { _ in Double.random(in: 0...1, using: &random) })
        let scale = Scale(from: 0, to: 99_999)
        for _ in 0..<10 {
            let place = Int.random(in: 0..<points.count, using: &random)
            let before = points[place].y
            points[place].y = Bool.random(using: &random) ? 2 : -2
            let kept = Decimation.indices(of: points, along: scale, columns: 640)
            #expect(kept.contains(place), "\(place) \(random)")
            #expect(kept.count <= 4 * 640 + 4)
            points[place].y = before
        }
    }

    @Test("On a log axis the crowded left end keeps as much as any other part")
    func logSpace() {
        let points = ChartFixtures.points((0..<10_000).map { Double($0 % 7) })
        let scale = Scale(.log, from: 1, to: 9999)
        let kept = Decimation.indices(of: points, along: scale, columns: 400)
        #expect(kept.filter { $0 <= 100 }.count > 90)
        #expect(!kept.contains(0), "a log axis has no place for zero")
        #expect(kept.count < 1200)
    }

    @Test("A series that is every other time no number still gets thin")
    func alternatingGaps() {
        let points = ChartFixtures.points((0..<100_000).map { $0 % 2 == 0 ? Double($0 % 11) : .nan })
        let kept = Decimation.indices(of: points, along: Scale(from: 0, to: 99_999), columns: 500)
        #expect(kept.count <= 500 * 8)
        #expect(kept.contains { !points[$0].y.isFinite })
    }

    @Test("Empty, single and all-NaN series")
    func degenerate() {
        let scale = Scale(from: 0, to: 1)
        #expect(Decimation.points([], along: scale, columns: 10) == [])
        #expect(Decimation.points([DataPoint(x: 0.5, y: 1)], along: scale, columns: 10).count == 1)
        let lost = [DataPoint(x: 0, y: .nan), DataPoint(x: 1, y: .nan)]
        #expect(Decimation.points(lost, along: scale, columns: 10).count == 1)
    }
}

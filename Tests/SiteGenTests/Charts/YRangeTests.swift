import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Vertical ranges")
struct YRangeTests {
    private func range(_ values: [Double], allowsLog: Bool = true) -> YRange {
        let report = ChartFixtures.report("a", ChartFixtures.points(values))
        return choose([report], allowsLog: allowsLog)
    }

    private func choose(_ reports: [SeriesReport], allowsLog: Bool = true) -> YRange {
        let inputs = reports.map { report in
            YRange.Input(
                points: report.points,
                minimum: report.minimum,
                maximum: report.maximum,
                percentiles: report.percentiles
            )
        }
        return YRange.choose(for: inputs, allowsLog: allowsLog)
    }

    @Test("Ordinary values are all shown, between round ends, and never below zero if they are not")
    func ordinary() {
        let loss = range((0..<100).map { 0.3 + 4 * exp(-Double($0) / 20) })
        #expect(loss.clipped.isEmpty && loss.scale.kind == .linear)
        #expect(
            loss.scale.lower >= 0 && loss.scale.lower <= 0.3 && loss.scale.upper >= 4.3
                && loss.scale.upper <= 5
        )
        let accuracy = range([0.001, 0.5, 1])
        #expect(accuracy.scale.lower == 0 && accuracy.scale.upper <= 1.2)
        let negative = range([-5, -1, 0])
        #expect(negative.scale.upper == 0)
    }

    @Test("A value far beyond the rest is clipped and told, with its step")
    func clips() throws {
        var values = (0..<200).map { 0.9 + 0.1 * sin(Double($0)) }
        values[50] = 963
        values[60] = -40
        let range = range(values)
        #expect(range.scale.upper < 2 && range.scale.lower > -1)
        #expect(range.clipped.count == 2)
        let above = try #require(range.clipped.first { $0.isAbove })
        #expect(above.extreme == DataPoint(x: 50, y: 963))
        let below = try #require(range.clipped.first { !$0.isAbove })
        #expect(below.extreme == DataPoint(x: 60, y: -40))
    }

    @Test("Whatever is outside the range is told, for any values")
    func nothingVanishes() {
        var random = SeededRandom.fresh()
        for _ in 0..<500 {
            let values = (0..<Int.random(in: 1...80, using: &random)).map { _ in
                let size = pow(10, Double.random(in: -4...4, using: &random))
                return Double.random(in: -1...1, using: &random) * (Bool.random(using: &random) ? size : 1)
            }
            let range = range(values)
            let lowest = values.min() ?? 0
            let highest = values.max() ?? 0
            if range.scale.kind == .linear {
                #expect((highest > range.scale.upper) == range.clipped.contains { $0.isAbove }, "\(random)")
                #expect((lowest < range.scale.lower) == range.clipped.contains { !$0.isAbove }, "\(random)")
            }
            let inside = values.filter { $0 >= range.scale.lower && $0 <= range.scale.upper }
            #expect(inside.count * 2 >= values.count, "most values are shown \(random)")
        }
    }

    @Test("A rare exception to a constant is shown, not clipped")
    func constantWithException() {
        var values = [Double](repeating: 97, count: 100)
        values[40] = 0
        let range = range(values)
        #expect(range.clipped.isEmpty && range.scale.lower <= 0)
    }

    @Test(
        "Constants sit inside a sensible range",
        arguments: [97.0, -3, 0, 1e-12, 1e300, -1e300, 23.700000000000003, .greatestFiniteMagnitude]
    )
    func constants(value: Double) {
        let range = range([value, value, value])
        #expect(range.scale.lower <= value && range.scale.lower < range.scale.upper)
        #expect(range.scale.upper >= min(value, .greatestFiniteMagnitude / 4))
    }

    @Test("No finite values, and the whole range of doubles")
    func extremes() {
        let empty = range([.nan, .infinity])
        #expect(empty.isEmpty && empty.scale == Scale(from: 0, to: 1))
        #expect(choose([]).isEmpty)
        let whole = range([-1.7e308, 1.7e308])
        #expect(whole.scale.lower.isFinite && whole.scale.upper.isFinite)
    }

    @Test("Curves that keep falling by factors get a log axis; spikes and learning rates do not")
    func automaticLog() {
        let grokking = (0..<200).map { 4 * exp(-Double($0) / 10) }
        #expect(range(grokking).scale.kind == .log)
        #expect(range(grokking, allowsLog: false).scale.kind == .linear)
        var spiky = [Double](repeating: 1, count: 200).enumerated().map {
            $0.element + Double($0.offset % 7) / 10
        }
        spiky[100] = 1e6
        #expect(range(spiky).scale.kind == .linear)
        #expect(range(grokking + [-1]).scale.kind == .linear, "no place for what is negative")
    }

    @Test("Zeros on a log axis have room at the floor")
    func zerosOnLog() {
        let values = (0..<200).map { $0 > 150 ? 0 : 4 * exp(-Double($0) / 10) }
        let range = range(values)
        #expect(range.scale.kind == .log)
        let smallest = values.filter { $0 > 0 }.min() ?? 0
        #expect(range.scale.lower < smallest / 2)
    }

    @Test("A log axis is suggested above a factor of fifty of positive values")
    func suggestion() {
        #expect(range([1, 60]).suggestsLog)
        #expect(!range([1, 40]).suggestsLog)
        #expect(!range([0, 60]).suggestsLog)
    }
}

import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Ticks")
struct TicksTests {
    private func labels(_ ticks: [Tick]) -> [String] { ticks.filter { !$0.isMinor }.map(\.label) }

    @Test(
        "Numbers are round and written exactly",
        arguments: [
            (0.0, 1.0, 4, ["0", "0.25", "0.50", "0.75", "1.00"]),
            (0, 0.5, 5, ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]),
            (0, 99_400, 6, ["0", "20k", "40k", "60k", "80k"]),
            (0, 1_250_000, 5, ["0", "250k", "500k", "750k", "1M", "1.25M"]),
            (0, 9000, 4, ["0", "2500", "5000", "7500"]),
            (-3, 3, 6, ["-3", "-2", "-1", "0", "1", "2", "3"]),
            (0, 0.0001, 4, ["0", "2.5e-5", "5e-5", "7.5e-5", "1e-4"]),
            (1_000_000, 1_000_500, 5, ["1M", "1.0001M", "1.0002M", "1.0003M", "1.0004M", "1.0005M"]),
            (0, 3e12, 3, ["0", "1T", "2T", "3T"]),
        ]
    )
    func linearLabels(lower: Double, upper: Double, count: Int, expected: [String]) {
        #expect(labels(Ticks.linear(from: lower, to: upper, count: count)) == expected)
    }

    @Test("Over any range the ticks are inside, ascending, evenly spaced, few, and all labelled apart")
    func linearProperties() {
        var random = SeededRandom.fresh()
        for _ in 0..<500 {
            let size = pow(10, Double.random(in: -250...250, using: &random))
            let lower = Double.random(in: -1...1, using: &random) * size
            let upper = lower + Double.random(in: 1e-6...1, using: &random) * size
            let count = Int.random(in: 1...12, using: &random)
            let ticks = Ticks.linear(from: lower, to: upper, count: count)
            let slack = (upper - lower) * 1e-6
            #expect(ticks.allSatisfy { $0.value >= lower - slack && $0.value <= upper + slack }, "\(random)")
            #expect(
                ticks.count <= count + 1 && (count < 3 || !ticks.isEmpty),
                "\(lower) \(upper) \(count) \(random)"
            )
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value }, "\(random)")
            #expect(Set(ticks.map(\.label)).count == ticks.count, "\(ticks.map(\.label)) \(random)")
        }
    }

    @Test("Labels of ordinary ranges read back as their values")
    func labelsAreExact() throws {
        var random = SeededRandom.fresh()
        let factors: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
        for _ in 0..<500 {
            let size = pow(10, Double.random(in: -9...14, using: &random))
            let lower = Double.random(in: -1...1, using: &random) * size
            let upper = lower + Double.random(in: 0.01...1, using: &random) * size
            for tick in Ticks.linear(from: lower, to: upper, count: 6) {
                let factor = tick.label.last.flatMap { factors[$0] }
                let number = try #require(Double(factor == nil ? tick.label : String(tick.label.dropLast())))
                let read = number * (factor ?? 1)
                #expect(abs(read - tick.value) <= abs(tick.value) * 1e-12, "\(tick) \(random)")
            }
        }
    }

    @Test("Ranges no double can divide give their ends, and none crash")
    func hardRanges() {
        #expect(Ticks.linear(from: 1e15, to: 1e15 + 0.25, count: 5).count == 2)
        #expect(!Ticks.linear(from: -1.7e308, to: 1.7e308, count: 5).isEmpty)
        #expect(Ticks.linear(from: 0, to: .leastNonzeroMagnitude, count: 5).count == 2)
    }

    @Test("Log axes mark decades, then 1-2-5, and below a decade linear steps")
    func logLabels() {
        #expect(
            labels(Ticks.logarithmic(from: 1e-6, to: 1, count: 6))
                == ["1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1"]
        )
        #expect(
            labels(Ticks.logarithmic(from: 1, to: 100, count: 5)) == ["1", "2", "5", "10", "20", "50", "100"]
        )
        #expect(labels(Ticks.logarithmic(from: 2, to: 4, count: 4)) == ["2.0", "2.5", "3.0", "3.5", "4.0"])
        let twenty = Ticks.logarithmic(from: 1e-12, to: 1e8, count: 5)
        #expect(labels(twenty).count <= 6)
        #expect(twenty.count == 21, "decades without a label still get a line")
        let minor = Ticks.logarithmic(from: 1, to: 1000, count: 5).filter { $0.isMinor }
        #expect(minor.map(\.value).prefix(4) == [2, 3, 4, 5])
    }

    @Test("Durations step in seconds, minutes, hours and days")
    func durations() {
        #expect(labels(Ticks.durations(from: 0, to: 60, count: 4)) == ["0", "15 s", "30 s", "45 s", "1 min"])
        #expect(labels(Ticks.durations(from: 0, to: 5400, count: 4)) == ["0", "30 min", "1 h", "1 h 30 min"])
        #expect(
            labels(Ticks.durations(from: 0, to: 86_400, count: 4)) == ["0", "6 h", "12 h", "18 h", "1 d"]
        )
        #expect(
            labels(Ticks.durations(from: 0, to: 10 * 86_400, count: 5)) == [
                "0", "2 d", "4 d", "6 d", "8 d", "10 d",
            ]
        )
        #expect(
            labels(Ticks.durations(from: 0, to: 1, count: 4)) == [
                "0", "0.25 s", "0.50 s", "0.75 s", "1.00 s",
            ]
        )
    }

    @Test("Moments are marked in UTC, days where they begin, months and years by name")
    func calendar() {
        let day = Dates.seconds(year: 2026, month: 11, day: 23)
        #expect(
            labels(Ticks.calendar(from: day + 50_000, to: day + 120_000, count: 5))
                == ["18:00", "24 Nov", "06:00"]
        )
        #expect(labels(Ticks.calendar(from: day, to: day + 4 * 86_400, count: 4)).first == "23 Nov")
        let year = Dates.seconds(year: 2025, month: 10, day: 3)
        #expect(
            labels(Ticks.calendar(from: year, to: year + 200 * 86_400, count: 7))
                == ["Nov", "Dec", "Jan 2026", "Feb", "Mar", "Apr"]
        )
        #expect(labels(Ticks.calendar(from: 0, to: 40 * 365.25 * 86_400, count: 4)).contains("1980"))
        #expect(
            labels(Ticks.calendar(from: day + 5, to: day + 22, count: 4)) == [
                "00:00:05", "00:00:10", "00:00:15", "00:00:20",
            ]
        )
    }

    @Test("Time ticks of any range are inside, ascending and few")
    func timeProperties() {
        var random = SeededRandom.fresh()
        for _ in 0..<300 {
            let length = pow(10, Double.random(in: -3...10, using: &random))
            let lower = Double.random(in: 0...2e9, using: &random)
            for axis in [XAxis.relative, .wall] {
                let scale = Scale(from: lower, to: lower + length)
                let ticks = Ticks.horizontal(scale, axis: axis, count: 6)
                #expect(ticks.count <= 8, "\(axis) \(lower) \(length) \(random)")
                #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value }, "\(random)")
                #expect(
                    ticks.allSatisfy { (-0.001...1.001).contains(scale.fraction(of: $0.value)) },
                    "\(random)"
                )
            }
        }
    }
}

import TestSupport
import Testing

@testable import SiteGen

/// "Steps may go back: the newest attempt wins where steps overlap": `docs/run-folder.md`.
@Suite struct RestartTests {
    private func lines(_ steps: some Sequence<Int>, _ value: (Int) -> Double) -> String {
        steps.map { "{\"time\":\(1_765_001_000 + $0),\"step\":\($0),\"train/loss\":\(value($0))}\n" }.joined()
    }

    @Test func `the overwritten part becomes a branch, the newest attempt is the curve`() async throws {
        let run = try RunFixture(lines(0..<100) { _ in 1 } + lines(60..<150) { _ in 2 })
        let series = try #require(try await run.report().series(named: "train/loss"))
        #expect(series.points.map(\.x) == (0..<150).map { Double($0) })
        #expect(series.points[59].y == 1 && series.points[60].y == 2)
        #expect(series.discarded == [(60..<100).map { DataPoint(x: Double($0), y: 1) }])
        #expect(series.count == 150)
        #expect(try await run.report().restarts == [60])
    }

    @Test func `several restarts, one behind an earlier one`() async throws {
        let run = try RunFixture(
            lines(0..<50) { _ in 1 } + lines(30..<40) { _ in 2 } + lines(20..<60) { _ in 3 }
                + lines(55..<70) { _ in 4 }
        )
        let series = try #require(try await run.report().series(named: "train/loss"))
        #expect(series.points.map(\.x) == (0..<70).map { Double($0) })
        #expect(series.points.map(\.y) == (0..<70).map { $0 < 20 ? 1 : $0 < 55 ? 3 : 4 })
        #expect(series.discarded.map(\.count) == [20, 20, 5])
    }

    @Test func `any sequence of restarts gives what a naive reading gives`() async throws {
        var random = SeededRandom.fresh()
        for _ in 0..<60 {
            var step = 0
            var text = ""
            var total = 0
            for number in 0..<Int.random(in: 1...300, using: &random) {
                if Int.random(in: 0..<40, using: &random) == 0 {
                    step = Int.random(in: 0...step, using: &random)
                }
                text += "{\"step\":\(step),\"a\":\(number)}\n"
                total += 1
                step += Int.random(in: 1...3, using: &random)
            }
            let run = try RunFixture(text)
            let series = try #require(try await run.report().series(named: "a"))
            let naive = RestartTests.naive(text)
            #expect(series.points.map(\.y) == RestartTests.thinned(naive), "\(random)\n\(text)")
            #expect(series.count == naive.count, "\(random)")
            if series.discarded.count < SeriesAccumulator.branchLimit {
                #expect(series.count + series.discarded.flatMap { $0 }.count == total, "\(random)")
            }
        }
    }

    /// The rule itself: a step below the one before discards every earlier point at it or above.
    private static func naive(_ text: String) -> [(x: Int, y: Double)] {
        var kept: [(x: Int, y: Double)] = []
        var previous = Int.min
        for line in text.split(separator: "\n") {
            let numbers = line.split { !"0123456789".contains($0) }.compactMap { Int($0) }
            let (x, y) = (numbers[0], Double(numbers[1]))
            if x < previous { kept.removeAll { $0.x >= x } }
            previous = x
            kept.append((x, y))
        }
        return kept
    }

    /// Of several values at one step the first, the last and the extremes: what a picture of them shows.
    private static func thinned(_ points: [(x: Int, y: Double)]) -> [Double] {
        points.enumerated().filter { index, point in
            let same = points.indices.filter { points[$0].x == point.x }
            let isExtreme = [
                same.min { points[$0].y < points[$1].y }, same.max { points[$0].y < points[$1].y },
            ]
            .contains(index)
            return index == same.first || index == same.last || isExtreme
        }.map(\.element.y)
    }

    @Test func `a metric with a step count of its own restarts nothing else`() async throws {
        var text = ""
        for step in 0..<300 {
            text += "{\"step\":\(step),\"loss\":1}\n"
            if step % 100 == 99 { text += "{\"step\":\(step / 100),\"epoch_loss\":2}\n" }
        }
        let report = try await RunFixture(text).report()
        #expect(report.series(named: "loss")?.count == 300)
        #expect(report.series(named: "epoch_loss")?.points.map(\.x) == [0, 1, 2])
        #expect(report.restarts == [])
        #expect(report.progress.step == 299)
    }

    @Test func `a step that another metric restarted at restarts nothing else`() async throws {
        let text = """
            {"step":10,"loss":1}
            {"step":5,"loss":2}
            {"step":20,"loss":1}
            {"step":5,"val":1}

            """
        #expect(try await RunFixture(text).report().progress.step == 20)
    }

    @Test func `metrics and evaluations of one name are one series in logged order`() async throws {
        var text = ""
        for step in stride(from: 0, to: 100, by: 10) {
            text += "{\"step\":\(step),\"eval/wer\":0.5,\"eval\":{\"cer\":1},\"loss\":1}\n"
            text += "{\"step\":\(step + 5),\"event\":\"eval\",\"wer\":0.25}\n"
            text += "{\"step\":\(step + 6),\"eval\\/cer\":2}\n"
        }
        let report = try await RunFixture(text).report()
        let rates = try #require(report.series(named: "eval/wer"))
        #expect(rates.points.map(\.x) == (0..<20).map { Double($0 * 5) })
        #expect(rates.points.map(\.y) == (0..<20).map { $0 % 2 == 0 ? 0.5 : 0.25 })
        #expect(report.series(named: "eval/cer")?.points.map(\.y) == (0..<20).map { $0 % 2 == 0 ? 1 : 2 })
        #expect(report.restarts.isEmpty && report.series.allSatisfy(\.discarded.isEmpty))
    }

    @Test func `the restart that overwrites a point is found as by looking at all`() {
        var random = SeededRandom.fresh()
        for _ in 0..<200 {
            var ordinal = 0
            let restarts = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                ordinal += Int.random(in: 1...5, using: &random)
                return SeriesAccumulator.Restart(
                    ordinal: ordinal,
                    x: Double(Int.random(in: 0...20, using: &random))
                )
            }
            let plan = RestartPlan(restarts)
            for ordinal in 0...(ordinal + 1) {
                for x in 0...21 {
                    let naive = restarts.firstIndex { $0.ordinal > ordinal && $0.x <= Double(x) }
                    #expect(plan.restart(after: ordinal, at: Double(x)) == naive, "\(random)")
                }
            }
        }
    }

    @Test func `a log out of order shows the points that go on, and says so`() async throws {
        var text = ""
        for number in 0..<20_000 {
            text += "{\"step\":\(number + (number % 2 == 0 ? 2 : 0)),\"loss\":\(number)}\n"
        }
        let run = try RunFixture(text)
        var log = RunLog(source: try run.source)
        _ = try await log.refresh(parallelism: 2)
        var report = RunReport(log, now: RunFixture.date(0))
        #expect(report.series(named: "loss")?.count == 10_000 && report.restarts.isEmpty)
        #expect(report.progress.step == 20_000)
        #expect(report.problems.failures.count == 1)
        #expect(report.problems.failures.first?.contains("loss go back more than 1000 times") == true)

        // What comes is read alone, and no reading before it is doubted.
        try run.append("{\"step\":19000,\"loss\":1}\n{\"step\":20001,\"loss\":2}\n{\"step\":5,\"loss\":3}\n")
        let grown = log.accumulator
        _ = try await log.refresh(parallelism: 2)
        report = RunReport(log, now: RunFixture.date(0))
        #expect(report.series(named: "loss")?.count == 10_001)
        #expect(grown.isSettled && log.accumulator.isSettled)
        #expect("\(report)" == "\(try await run.report(now: 0))")
    }
}

import Foundation
import Testing

@testable import SiteGen

@Suite("Charts of runs")
struct CompareTests {
    private func run(
        _ id: String,
        _ series: [SeriesReport],
        knots: [AxisKnot] = [],
        axis: XAxis = .step
    ) -> RunReport {
        RunReport(
            id: id,
            name: "Run <\(id)>",
            engine: nil,
            stage: nil,
            hostName: nil,
            gpuName: nil,
            tags: [],
            notes: "",
            configuration: [],
            logPath: "\(id)/metrics.jsonl",
            status: .completed,
            started: nil,
            lastUpdate: nil,
            silentAfter: nil,
            progress: RunProgress(
                step: nil,
                totalSteps: nil,
                epoch: nil,
                totalEpochs: nil,
                passedEpochs: nil,
                stepsPerSecond: nil,
                etaSeconds: nil,
                elapsedSeconds: nil
            ),
            axis: axis,
            axisKnots: knots,
            restarts: [50],
            series: series,
            epochs: [],
            evaluations: [],
            checkpoints: [],
            backups: [],
            samples: [],
            messages: [],
            problems: LogProblems(badLineCount: 0, examples: [], unfinishedBytes: 0, failures: [])
        )
    }

    private let knots = [AxisKnot(step: 0, epoch: 0, time: 1000), AxisKnot(step: 100, epoch: 2, time: 8200)]

    private var loss: SeriesReport {
        ChartFixtures.report("train/loss", ChartFixtures.points([3, 2, 1], stride: 50))
    }

    @Test("A planned chart of a run has its restarts, its CSV addresses and the wanted axis")
    func ofRun() throws {
        let run = run("a", [loss], knots: knots)
        let plan = try #require(ChartPlan.charts(for: run.series).first)
        let own = LineChart(plan, of: run) { "csv/\($0).csv" }
        #expect(own.axis == .step && own.domain == 0...100 && own.restarts == [50])
        #expect(ChartFixtures.html(own).contains("href=\"csv/\(SeriesSlug.slug(for: "train/loss")).csv\""))
        let relative = LineChart(plan, of: run, axis: .relative)
        #expect(relative.axis == .relative && relative.domain == 0...7200 && relative.restarts == [3600])
        #expect(ChartFixtures.html(relative).contains(">2 h</text>"))
        #expect(ChartFixtures.html(relative).contains("falls from 3 at step 0 to 1 at step 100"))
        let unknown = LineChart(plan, of: self.run("b", [loss]), axis: .epoch)
        #expect(unknown.axis == .step, "without knots a chart stays on the run's own axis")
    }

    @Test("Runs that log only seconds are told in durations")
    func timesOnly() throws {
        let run = run("a", [loss], axis: .relative)
        let plan = try #require(ChartPlan.charts(for: run.series).first)
        let html = ChartFixtures.html(LineChart(plan, of: run))
        #expect(html.contains("to 1 at 1 min 40 s") && !html.contains("step 100"))
    }

    @Test("Runs keep their colours whichever of them have the metric, and names are escaped")
    func comparing() throws {
        let other = ChartFixtures.report("wer", ChartFixtures.points([1, 0.5]))
        let runs = [
            run("a", [loss, other], knots: knots), run("b", [loss], knots: knots), run("c", [loss, other]),
        ]
        let all = try #require(LineChart.comparing("train/loss", title: "Loss", of: runs))
        let some = try #require(LineChart.comparing("wer", title: "WER", of: runs))
        #expect(all.series.map(\.runID) == ["a", "b", "c"] && some.series.map(\.runID) == ["a", "c"])
        #expect(Set(all.series.map(\.slot)).count == 3)
        #expect(some.series.map(\.slot) == [all.series[0].slot, all.series[2].slot])
        #expect(LineChart.comparing("none", title: "", of: runs) == nil)
        let timed = try #require(LineChart.comparing("wer", title: "WER", of: runs, axis: .relative))
        #expect(timed.series.map(\.runID) == ["a"], "a run without times has no place on a time axis")
        let html = ChartFixtures.html(all)
        #expect(html.contains("Run &lt;a&gt;") && html.contains("<th scope=\"col\">Run</th>"))
    }
}

import Foundation
import RunRecords
import TestSupport
import Testing

@testable import SiteGen

/// What a page is told of a run: `docs/run-folder.md`.
@Suite struct RunReportTests {
    private let plan =
        #"{"schema":1,"id":"run","name":"Stage 2","total_epochs":5,"steps_per_epoch":200,"config":{"b":{"c":1},"a":true}}"#

    private func line(_ step: Int, time: Double) -> String {
        "{\"time\":\(RunFixture.origin + time),\"step\":\(step),\"epoch\":\(step / 200),\"train/loss\":\(4 - Double(step) / 500)}\n"
    }

    @Test func `speed, progress and arrival come from the plan and the measured pace`() async throws {
        let log = (0..<300).map { line($0, time: 5000 + Double($0) / 4) }.joined()
        let report = try await RunFixture(log, description: plan).report(now: 5080)
        #expect(report.name == "Stage 2")
        #expect(report.status == .running)
        #expect(report.progress.totalSteps == 1000 && report.progress.totalEpochs == 5)
        #expect(report.progress.step == 299 && report.progress.epoch == 1)
        let speed = try #require(report.progress.stepsPerSecond)
        #expect(abs(speed - 4) < 0.001)
        #expect(abs((report.progress.etaSeconds ?? 0) - 701 / 4) < 0.1)
        #expect(report.configuration.map(\.key) == ["a", "b.c"])
        #expect(report.configuration.map(\.value) == ["true", "1"])
    }

    @Test func `no plan, no invented arrival`() async throws {
        let log = (0..<50).map { line($0, time: 5000 + Double($0)) }.joined()
        let report = try await RunFixture(log).report(now: 5050)
        #expect(report.progress.etaSeconds == nil && report.progress.totalSteps == nil)
        #expect(report.progress.fraction == nil)
        #expect(report.name == "run")
    }

    @Test func `a pause does not count as slowness`() async throws {
        var log = (0..<60).map { line($0, time: 5000 + Double($0)) }.joined()
        log += (60..<120).map { line($0, time: 9000 + Double($0)) }.joined()
        let report = try await RunFixture(log).report(now: 9120)
        #expect(abs((report.progress.stepsPerSecond ?? 0) - 1) < 0.001)
    }

    @Test(arguments: [
        (5100.0, false), (5159, false), (5161, true), (9000, true),
    ])
    func `a run that says nothing for a minute is silent`(now: Double, isSilent: Bool) async throws {
        let log = (0...100).map { line($0, time: 5000 + Double($0)) }.joined()
        let report = try await RunFixture(log).report(now: now)
        #expect(report.status == (isSilent ? .silent(since: RunFixture.date(5100)) : .running))
        #expect(report.silentAfter == RunFixture.date(5160))
    }

    @Test func `patience is five times the usual gap, and a line revives a silent run`() async throws {
        let run = try RunFixture((0...10).map { line($0, time: 5000 + Double($0) * 100) }.joined())
        #expect(try await run.report(now: 6499).status == .running)
        #expect(try await run.report(now: 6501).status == .silent(since: RunFixture.date(6000)))
        try run.append(line(11, time: 6600))
        #expect(try await run.report(now: 6601).status == .running)
    }

    @Test(arguments: [
        ("completed", RunStatus.completed), ("stopped", .stopped),
        ("error", .error(message: "out of memory")),
        ("running", .running),
    ])
    func `the last status counts, and an ended run is never silent`(
        word: String,
        status: RunStatus
    ) async throws {
        let run = try RunFixture(line(1, time: 5000))
        try run.append(
            #"{"time":1765005001,"event":"status","status":"\#(word)","message":"out of memory"}"# + "\n"
        )
        #expect(try await run.report(now: 5002).status == status)
        if word != "running" { #expect(try await run.report(now: 99_999).status == status) }
    }

    @Test func `a trainer that says no goodbye is done when its plan is`() async throws {
        let log = (0...1000).map { line($0, time: 5000 + Double($0)) }.joined()
        #expect(try await RunFixture(log, description: plan).report(now: 99_999).status == .completed)
    }

    @Test func `an empty log waits, a broken run json is told and the log is read all the same`() async throws
    {
        let empty = try await RunFixture("", description: plan).report()
        #expect(empty.status == .waiting && empty.series.isEmpty)
        let broken = try await RunFixture(line(1, time: 5000), description: "{\"name\":").report()
        #expect(broken.series.count == 1)
        #expect(broken.problems.failures.count == 1)
        #expect(broken.problems.failures.first?.contains("run.json") == true)
    }

    @Test func `events fill the tables`() async throws {
        let run = try RunFixture(
            """
            {"time":1765000100,"step":0,"train/loss":5}
            {"time":1765000200,"step":10,"epoch":0,"event":"eval","wer":0.5,"cer":0.2,"samples":[{"reference":"a","hypothesis":"b"}]}
            {"time":1765000201,"step":10,"epoch":0,"event":"epoch","avg_loss":4,"ctc_loss":2,"ce_loss":5,"learning_rate":1e-4}
            {"time":1765000202,"step":10,"event":"checkpoint","path":"checkpoints/best.safetensors","bytes":10,"kind":"best"}
            {"time":1765000203,"event":"backup","path":"checkpoints/best.safetensors","destination":"vps","ok":true,"bytes":10}
            {"time":1765000204,"event":"alert","level":"warn","title":"t","text":"x"}
            {"time":1765000205,"event":"sample","text":"hello","video":"../../etc/passwd","audio":"media/a.wav","neural":false}
            {"time":1765000206,"event":"strange","text":"kept"}

            """
        )
        try run.directory.write("RIFF", to: "run/media/a.wav")
        let report = try await run.report(now: 210)
        #expect(report.evaluations.first?.wordErrorRate == 0.5)
        #expect(report.evaluations.first?.transcripts == [Transcript(reference: "a", hypothesis: "b")])
        let epoch = try #require(report.epochs.first)
        #expect(epoch.averageLoss == 4 && epoch.wordErrorRate == 0.5 && epoch.durationSeconds == 101)
        #expect(report.checkpoints.first?.backedUp == RunFixture.date(203))
        #expect(report.samples.first?.audioPath == "media/a.wav")
        #expect(report.samples.first?.videoPath == nil)
        #expect(report.samples.first?.isNeural == false)
        #expect(report.messages.map(\.title) == ["t", "strange"])
        #expect(report.series(named: "eval/wer")?.points == [DataPoint(x: 10, y: 0.5)])
    }

    @Test(
        "Epochs that are counted from 0 have passed when they ended, others when they are told",
        arguments: [
            // (epochs of the lines, what follows, how many have passed)
            (["0", "1"], "", 1.0),
            (["0", "1"], #"{"epoch":0,"event":"epoch"}"#, 1),
            (["0", "1"], #"{"epoch":1,"event":"epoch"}"#, 2),
            (["0", "1"], #"{"event":"status","status":"completed"}"#, 2),
            (
                ["0", "1"],
                #"{"epoch":0,"event":"epoch"}"# + "\n" + #"{"event":"status","status":"stopped"}"#, 1
            ),
            (["1", "2"], #"{"epoch":2,"event":"epoch"}"#, 2),
            (["0", "0.5", "2"], #"{"event":"status","status":"completed"}"#, 2),
        ] as [([String], String, Double)]
    )
    func passedEpochs(epochs: [String], events: String, passed: Double) async throws {
        let rows = epochs.enumerated().map { #"{"step":\#($0 * 10),"epoch":\#($1),"loss":1}"# }
        let run = try RunFixture(rows.joined(separator: "\n") + "\n" + events + "\n")
        let report = try await run.report(now: 210)
        #expect(report.progress.passedEpochs == passed)
        #expect(report.progress.epoch == Double(epochs[epochs.count - 1]))
    }

    @Test(arguments: [
        ("global_step", XAxis.step), ("_step", .step), ("iteration", .step), ("current_steps", .step),
        ("epoch", .epoch), ("timestamp", .relative), ("loss", .line),
    ])
    func `the axis is guessed from the keys`(key: String, axis: XAxis) async throws {
        let first = axis == .relative ? 1_765_000_000 : 100
        let log = (0..<5).map { "{\"\(key)\":\(first + $0),\"value\":\($0)}\n" }.joined()
        let report = try await RunFixture(log).report()
        #expect(report.axis == axis)
        let x = report.series(named: "value")?.points.map(\.x)
        switch axis {
        case .step, .epoch: #expect(x == [100, 101, 102, 103, 104])
        case .relative, .wall, .line: #expect(x == [0, 1, 2, 3, 4])
        }
    }

    @Test func `epochs and times can be looked up by step`() async throws {
        let log = (0..<5000).map { line($0, time: 1000 + Double($0) * 2) }.joined()
        let knots = try await RunFixture(log).report().axisKnots
        #expect(knots.count <= AxisKnotAccumulator.knotLimit)
        #expect(knots.first == AxisKnot(step: 0, epoch: 0, time: RunFixture.origin + 1000))
        #expect(knots.last == AxisKnot(step: 4999, epoch: 24, time: RunFixture.origin + 10_998))
        #expect(zip(knots, knots.dropFirst()).allSatisfy { $0.step < $1.step })
    }

    @Test func `speed and silence can be told by clocks of whole seconds`() async throws {
        let log = (0..<300).map { line($0, time: (5000 + Double($0) / 4).rounded(.down)) }.joined()
        let report = try await RunFixture(log).report(now: 5080)
        #expect(abs((report.progress.stepsPerSecond ?? 0) - 4) < 0.05)
    }

    @Test func `several lines of one report are no gap`() async throws {
        var log = ""
        for step in 0..<30 {
            for name in ["a", "b", "c"] {
                log += "{\"time\":\(RunFixture.origin + Double(step) * 100),\"step\":\(step),\"\(name)\":1}\n"
            }
        }
        let report = try await RunFixture(log).report(now: 2900 + 499)
        #expect(report.status == .running && report.silentAfter == RunFixture.date(2900 + 500))
        #expect(abs((report.progress.stepsPerSecond ?? 0) - 0.01) < 1e-6)
    }

    @Test func `a metric with a step count of its own does not disturb the speed`() async throws {
        var log = ""
        for step in 0..<300 {
            log += line(step, time: 5000 + Double(step))
            if step % 20 == 19 {
                log +=
                    "{\"time\":\(RunFixture.origin + 5000.5 + Double(step)),\"step\":\(step / 20),\"val\":1}\n"
            }
        }
        let report = try await RunFixture(log).report(now: 5300)
        #expect(abs((report.progress.stepsPerSecond ?? 0) - 1) < 0.001)
    }

    @Test func `a clock that is set back does not stop the speed`() async throws {
        let log =
            (0..<60).map { line($0, time: 9000 + Double($0)) }.joined()
            + (60..<120).map { line($0, time: 5000 + Double($0) / 4) }.joined()
        let speed = try #require(try await RunFixture(log).report(now: 5130).progress.stepsPerSecond)
        // Sixty steps in a minute, then sixty in a quarter of one.
        #expect(abs(speed - 1.6) < 0.05)
    }

    @Test func `metrics after an end mean that the run goes on`() async throws {
        let run = try RunFixture(line(1, time: 5000))
        try run.append(#"{"time":1765005001,"event":"status","status":"completed"}"# + "\n")
        try run.append(#"{"time":1765005002,"event":"backup","path":"a","ok":true}"# + "\n")
        #expect(try await run.report(now: 9000).status == .completed)
        try run.append(line(2, time: 5003))
        #expect(try await run.report(now: 5010).status == .running)
        #expect(try await run.report(now: 9000).status == .silent(since: RunFixture.date(5003)))
        try run.append(#"{"time":1765005004,"event":"status","status":"stopped"}"# + "\n")
        #expect(try await run.report(now: 9000).status == .stopped)
    }

    @Test func `a run with events alone has begun, and its scores stand where they say`() async throws {
        let run = try RunFixture(#"{"time":1765000100,"event":"sample","text":"hello"}"# + "\n")
        #expect(try await run.report(now: 110).status == .running)
        #expect(try await run.report(now: 1000).status == .silent(since: RunFixture.date(100)))
        var text = ""
        for step in 0..<5 {
            text += "{\"step\":\(step * 100),\"event\":\"eval\",\"wer\":\"0.\(step)\",\"model\":\"a\"}\n"
        }
        let report = try await RunFixture(text).report()
        #expect(report.axis == .step)
        #expect(report.series.map(\.name) == ["eval/wer"])
        let expected = (0..<5).map { DataPoint(x: Double($0 * 100), y: Double($0) / 10) }
        #expect(report.series(named: "eval/wer")?.points == expected)
    }

    @Test func `what is too much for a line or a log is named`() async throws {
        let members = (0..<5000).map { ",\"k\($0)\":1" }.joined()
        let report = try await RunFixture("{\"step\":1\(members)}\n").report()
        #expect(report.series.count == RunAccumulator.seriesLimit)
        #expect(report.series.map(\.name) == (0..<1000).map { "k\($0)" })
        #expect(report.problems.failures.count == 2)
        #expect(report.problems.failures.first?.contains("more than 1000 different keys") == true)
        #expect(report.problems.failures.last?.contains("905 values were left out") == true)
    }

    @Test func `the texts shown are those of the keys that came first, each as it is now`() async throws {
        var text = ""
        for round in 0..<3 {
            for key in 0..<100 { text += "{\"step\":\(round),\"key\(99 - key)\":\"\(round)x\"}\n" }
        }
        let report = try await RunFixture(text).report()
        #expect(report.configuration.map(\.key) == (36..<100).map { "key\($0)" })
        #expect(report.configuration.allSatisfy { $0.value == "2x" })
    }

    @Test func `series stand in the order of the log, whatever its events mention`() async throws {
        let text = """
            {"event":"note","b":1,"a":2,"title":"t"}
            {"x":"text","b":"text"}
            {"step":1,"a":1,"x":2,"b":3}

            """
        #expect(try await RunFixture(text).report().series.map(\.name) == ["a", "x", "b"])
    }
}

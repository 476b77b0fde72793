import Files
import Foundation
import RunRecords
import TestSupport
import Testing

@testable import SiteGen

/// "Where a point stands": `docs/run-folder.md`.
@Suite struct RowPlaceTests {
    private func places(_ text: String, _ name: String = "loss") async throws -> [Double]? {
        try await RunFixture(text).report().series(named: name)?.points.map(\.x)
    }

    private func epochs(_ epochs: some Sequence<Int>, _ steps: some Sequence<Int>) -> String {
        epochs.map { epoch in
            steps.map { "{\"epoch\":\(epoch),\"iter\":\($0),\"loss\":\($0)}\n" }.joined()
        }.joined()
    }

    private static let countings: [(logged: [Int], places: [Int])] = [
        (Array(0..<100), Array(0..<500)),
        (Array(1...100), Array(1...500)),
        ([50, 100, 150], Array(stride(from: 50, through: 750, by: 50))),
        (Array(stride(from: 0, to: 100, by: 10)), Array(stride(from: 0, to: 500, by: 10))),
    ]

    @Test(arguments: countings)
    func `steps counted anew in every epoch are counted through`(
        logged: [Int],
        expected: [Int]
    ) async throws {
        let text = epochs(0..<5, logged)
        #expect(try await places(text) == expected.map { Double($0) })
        let report = try await RunFixture(text).report()
        #expect(report.axis == .step && report.restarts.isEmpty)
        #expect(report.progress.step == Double(expected.last ?? 0) && report.progress.epoch == 4)
    }

    @Test func `an epoch that begins where a segment does is no other`() async throws {
        // Segments are a mebibyte long.
        func line(_ epoch: Int, _ step: Int) -> String {
            let line = "{\"epoch\":\(epoch),\"iter\":\(step),\"loss\":1}"
            return line + String(repeating: " ", count: 63 - line.utf8.count) + "\n"
        }
        let text = (0..<1 << 14).map { line(0, $0) } + (0..<1000).map { line(1, $0) }
        let report = try await RunFixture(text.joined()).report()
        #expect(report.restarts.isEmpty && report.series(named: "loss")?.count == 1 << 14 + 1000)
        #expect(report.progress.step == Double(1 << 14 + 999))
    }

    @Test func `of a run that counts by epoch, a restart goes back to its epoch`() async throws {
        let text = epochs(0..<4, 0..<10) + epochs(2..<6, 0..<10)
        let report = try await RunFixture(text).report()
        #expect(report.series(named: "loss")?.points.map(\.x) == (0..<60).map { Double($0) })
        #expect(report.series(named: "loss")?.discarded.first?.map(\.x) == (20..<40).map { Double($0) })
        #expect(report.restarts == [20])
    }

    @Test func `evaluations within epochs stand in theirs`() async throws {
        var text = ""
        for epoch in 0..<4 {
            text += epochs(epoch...epoch, 0..<10)
            text += "{\"epoch\":\(epoch),\"iter\":4,\"accuracy\":1}\n"
            text += "{\"event\":\"eval\",\"epoch\":\(epoch),\"iter\":9,\"wer\":0.5}\n"
        }
        #expect(try await places(text) == (0..<40).map { Double($0) })
        #expect(try await places(text, "accuracy") == [4, 14, 24, 34])
        #expect(try await places(text, "eval/wer") == [9, 19, 29, 39])
    }

    @Test func `a metric logged by the number of its epoch does not make the steps counted by epoch`()
        async throws
    {
        var text = ""
        for step in 0..<300 {
            text += "{\"step\":\(step),\"epoch\":\(step / 100),\"loss\":1}\n"
            if step % 100 == 99 {
                text += "{\"step\":\(step / 100 + 1),\"epoch\":\(step / 100 + 1),\"val_loss\":1}\n"
            }
        }
        #expect(try await places(text) == (0..<300).map { Double($0) })
        #expect(try await places(text, "val_loss") == [1, 2, 3])
    }

    @Test func `a restarted run that counts through is restarted, not counted by epoch`() async throws {
        func line(_ step: Int) -> String { "{\"step\":\(step),\"epoch\":\(step / 10),\"loss\":1}\n" }
        let text = (0..<55).map(line).joined() + (30..<80).map(line).joined()
        #expect(try await RunFixture(text).report().restarts == [30])
    }

    @Test func `steps that count through come before others, unless few lines have them`() async throws {
        let both = (0..<20).map { "{\"step\":\($0 % 5),\"global_step\":\($0),\"loss\":1}\n" }.joined()
        #expect(try await places(both) == (0..<20).map { Double($0) })
        let few = (0..<20).map { "{\"step\":\($0),\"loss\":1}\n" }.joined() + "{\"global_step\":19,\"x\":1}\n"
        #expect(try await places(few) == (0..<20).map { Double($0) })
    }

    @Test func `a time that is a duration is a series like any other`() async throws {
        let text = (0..<100).map { "{\"iter\":\($0),\"time\":0.25,\"loss\":1}\n" }.joined()
        let run = try RunFixture(text)
        var log = RunLog(source: try run.source)
        _ = try await log.refresh(parallelism: 1)
        let modified = try #require(log.cursor?.identity.modifiedNanoseconds)
        let report = RunReport(log, now: .init(timeIntervalSince1970: Double(modified) / 1e9 + 5))
        #expect(report.status == .running)
        #expect(report.series(named: "time")?.count == 100)
        #expect(report.axisKnots.isEmpty && report.started == nil)
    }

    @Test(arguments: [1.0, 1e3, 1e6, 1e9]) func `times are read in any unit`(unit: Double) {
        #expect(RowAxis.time(1_765_000_000 * unit) == 1_765_000_000)
        #expect(RowAxis.time(0.25).isNaN && RowAxis.time(5000).isNaN && RowAxis.time(1e30).isNaN)
        #expect(RowAxis.time(.nan).isNaN && RowAxis.time(-1e9).isNaN && RowAxis.time(.infinity).isNaN)
    }

    @Test func `places that no number of steps reaches are none, and nothing stumbles over them`()
        async throws
    {
        var text = "{\"step\":0,\"epoch\":0,\"loss\":0}\n"
        for index in 0..<1100 {
            text += "{\"step\":\(-1.7e308 + Double(index) * 1e303),\"epoch\":1e308,\"loss\":\(index)}\n"
        }
        for index in 0..<800 { text += "{\"step\":\(-1.6e308 + Double(index) * 4e305),\"loss\":1}\n" }
        #expect(try await places(text)?.allSatisfy { $0 == 0 } == true)
        var far = ""
        for index in 0..<9000 {
            far += "{\"step\":\(1e15 - 1 + Double(index / 8999)),\"epoch\":\(index),\"loss\":1}\n"
        }
        let report = try await RunFixture(far).report()
        #expect(report.series(named: "loss")?.count == 9000)
        #expect(zip(report.axisKnots, report.axisKnots.dropFirst()).allSatisfy { $0.step < $1.step })
    }

    @Test func `without steps, time counts from the first line, be it an event`() async throws {
        let text = """
            {"time":1765000000,"event":"status","status":"running"}
            {"time":1765000010,"loss":1}
            {"time":1765000015,"event":"eval","wer":1}

            """
        #expect(try await places(text) == [10])
        #expect(try await places(text, "eval/wer") == [15])
    }

    @Test func `a row without a step stands where the row before it stood, however the log is cut`()
        async throws
    {
        let run = try RunFixture("{\"step\":10,\"loss\":1}\n{\"step\":5,\"val\":1}\n")
        var log = RunLog(source: try run.source)
        _ = try await log.refresh(parallelism: 1)
        try run.append("{\"other\":1}\n{\"event\":\"eval\",\"wer\":1}\n")
        _ = try await log.refresh(parallelism: 1)
        let report = RunReport(log, now: RunFixture.date(0))
        #expect(report.series(named: "other")?.points.first?.x == 5)
        #expect(report.series(named: "eval/wer")?.points.first?.x == 5)
    }
}

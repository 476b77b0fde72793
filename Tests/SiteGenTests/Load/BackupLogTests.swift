import Foundation
import RunRecords
import TestSupport
import Testing

@testable import SiteGen

/// Attempts of the backup stand in `backup.jsonl`, since the run's log is a copy that nobody writes to.
@Suite struct BackupLogTests {
    private static let start = 1_700_000_000

    private func line(_ time: Int, _ path: String, ok: Bool = true) -> String {
        "{\"time\":\(Self.start + time),\"event\":\"backup\",\"path\":\"\(path)\",\"destination\":\"backups/job\",\"ok\":\(ok),"
            + "\"bytes\":7,\"seconds\":0.5,\"message\":\"verified: sha256\",\"verification\":\"sha256\"}\n"
    }

    @Test func `attempts are shown in the order of time, with those that the run logged itself`() async throws
    {
        let run = try RunFixture(
            "{\"time\":1700000010,\"step\":1,\"loss\":1}\n" + line(20, "checkpoints/step_1.pt")
        )
        try run.directory.append(
            line(15, "checkpoints/best.pt") + line(25, "checkpoints/best.pt", ok: false),
            to: "run/backup.jsonl"
        )
        let report = try await run.report()
        #expect(
            report.backups.map(\.path) == [
                "checkpoints/best.pt", "checkpoints/step_1.pt", "checkpoints/best.pt",
            ]
        )
        #expect(report.backups.map(\.succeeded) == [true, true, false])
        #expect(report.backups.first?.message == "verified: sha256")
    }

    @Test func `a checkpoint counts as backed up by an attempt beside the log`() async throws {
        let checkpoint =
            "{\"time\":1700000012,\"event\":\"checkpoint\",\"path\":\"checkpoints/best.pt\",\"kind\":\"best\"}\n"
        let run = try RunFixture("{\"time\":1700000010,\"step\":1,\"loss\":1}\n" + checkpoint)
        #expect(try await run.report().checkpoints.first?.backedUp == nil)
        try run.directory.append(line(15, "checkpoints/best.pt"), to: "run/backup.jsonl")
        #expect(
            try await run.report().checkpoints.first?.backedUp == Date(timeIntervalSince1970: 1_700_000_015)
        )
    }

    @Test func `of checkpoints with one path the newest is there, unless it was removed`() async throws {
        func line(_ step: Int, _ path: String, _ more: String = "") -> String {
            #"{"step":\#(step),"event":"checkpoint","path":"checkpoints/\#(path)"\#(more)}"# + "\n"
        }
        let run = try RunFixture(
            line(1, "best.pt") + line(2, "step_2.pt") + line(3, "step_3.pt") + line(4, "best.pt")
                + line(4, "step_2.pt", #","removed":true"#) + line(5, "step_5.pt", #","removed":true"#)
                + line(6, "step_5.pt")
        )
        let rows = try await run.report().checkpoints
        #expect(rows.map(\.path) == ["step_3.pt", "best.pt", "step_5.pt"].map { "checkpoints/" + $0 })
        #expect(rows.map(\.step) == [3, 4, 6])
    }

    @Test(
        "A checkpoint that is kept outside the run's folder is known by the end of its path",
        arguments: [
            ("stage2/best.pt", true), ("checkpoints/stage2/best.pt", true), ("stage1/best.pt", false),
            ("best.pt", false), ("e2/best.pt", false),
        ]
    )
    func checkpointElsewhere(backup: String, isSaved: Bool) async throws {
        let run = try RunFixture(
            #"{"time":1700000012,"event":"checkpoint","path":"/root/vox/checkpoints/stage2/best.pt","kind":"best"}"#
                + "\n"
        )
        try run.directory.append(line(15, backup), to: "run/backup.jsonl")
        let row = try #require(try await run.report().checkpoints.first)
        #expect((row.backedUp != nil) == isSaved)
    }

    @Test func `a backup that goes on does not make a silent run look alive`() async throws {
        let run = try RunFixture("{\"time\":1700000010,\"step\":1,\"loss\":1}\n")
        let before = try await run.report(now: 1_700_050_000)
        try run.directory.append(line(49_999, "checkpoints/best.pt"), to: "run/backup.jsonl")
        let after = try await run.report(now: 1_700_050_000)
        #expect(after.status == before.status && after.lastUpdate == before.lastUpdate)
        #expect(after.series.map(\.name) == ["loss"])
    }

    @Test func `read in pieces it is what it is when read at once; gone it is forgotten`() async throws {
        let run = try RunFixture("{\"time\":1700000010,\"step\":1,\"loss\":1}\n")
        var log = RunLog(source: try run.source)
        _ = try await log.refresh(parallelism: 1)
        let text = line(15, "a") + "garbage\n" + line(16, "b") + line(17, "c")
        for byte in text.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",\u{0}")
            .split(
                separator: "\u{0}"
            )
        {
            try run.directory.append(String(byte), to: "run/backup.jsonl")
            _ = try await log.refresh(parallelism: 1)
        }
        let now = RunFixture.date(1_000_000)
        #expect("\(RunReport(log, now: now))" == "\(try await run.report())")
        #expect(RunReport(log, now: now).backups.map(\.path) == ["a", "b", "c"])
        #expect(RunReport(log, now: now).problems.examples.contains { $0.hasPrefix("backup.jsonl:2: ") })
        #expect(try await !log.refresh(parallelism: 1))
        try run.directory.remove("run/backup.jsonl")
        #expect(try await log.refresh(parallelism: 1))
        #expect(RunReport(log, now: now).backups.isEmpty)
    }
}

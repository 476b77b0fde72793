import Files
import Foundation
import RunRecords
import TestSupport
import Testing

@testable import Collector

@Suite struct PollPaceTests {
    private let schedule = PollSchedule()

    @Test func `a file is looked at every second while it grows, and ever less often when it does not`() {
        var pace = PollPace(schedule, now: .seconds(100))
        #expect(pace.due == .seconds(100))
        var intervals: [Duration] = []
        for _ in 0..<6 {
            let now = pace.due
            pace.noteLook(hasChanged: false, at: now, schedule, slowest: .seconds(5))
            intervals.append(pace.due - now)
        }
        #expect(
            intervals == [
                .seconds(1.5), .seconds(2.25), .seconds(3.375), .seconds(5), .seconds(5), .seconds(5),
            ]
        )
        pace.noteLook(hasChanged: true, at: .seconds(200), schedule, slowest: .seconds(5))
        #expect(pace.due == .seconds(201))
        pace.hurry(.seconds(200.5))
        #expect(pace.due == .seconds(200.5))
    }

    /// Source: AWS Architecture Blog, 2015, "Exponential Backoff And Jitter", full jitter.
    @Test func `waits grow up to a minute, and a random part of each is waited`() {
        var backoff = Backoff()
        let most = (0..<8).map { _ in backoff.next(random: 0.999_999).inSeconds.rounded() }
        #expect(most == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(backoff.attempts == 8)
        #expect(backoff.next(random: 0.5) == .seconds(30))
        #expect(backoff.next(random: 0) == .seconds(0.1))
        backoff.reset()
        #expect(backoff.next(random: 0.5) == .seconds(0.5))
        for _ in 0..<100 { _ = backoff.next(random: 0.5) }
        #expect(backoff.next(random: 0.5) == .seconds(30))
    }
}

@Suite struct FollowSelectionTests {
    private func fileClass(
        _ name: String,
        checkpoints: Bool = false,
        others: Bool = false
    ) throws -> FileClass? {
        let selection = FollowSelection(
            includesCheckpoints: checkpoints,
            includesOtherFiles: others,
            selects: { !$0.string.contains("secret") }
        )
        let path = try RelativePath(validating: name)
        return selection.fileClass(of: path, target: path)
    }

    @Test(arguments: ["a/metrics.jsonl", "a/train.log", "a/checkpoints/epoch_history.log", "lone.ndjson"])
    func `logs are appended`(_ name: String) throws { #expect(try fileClass(name) == .append) }

    @Test(arguments: ["a/run.json", "a/media/clip.mp4", "a/media/b/c.png"])
    func `descriptions and media are replaced`(_ name: String) throws {
        #expect(try fileClass(name) == .replace)
    }

    @Test(arguments: ["a/checkpoints/best.safetensors", "a/step_1.pt"])
    func `checkpoints come only when asked for`(_ name: String) throws {
        #expect(try fileClass(name) == nil && fileClass(name, others: true) == nil)
        #expect(try fileClass(name, checkpoints: true) == .replace)
    }

    @Test func `other files come only when asked for`() throws {
        #expect(try fileClass("a/config.yaml") == nil)
        #expect(try fileClass("a/config.yaml", others: true) == .replace)
    }

    @Test(arguments: [
        ".voxsite/journal.jsonl", "a/.voxsite-partial/m.jsonl", "collector/status.json", "collector/x.jsonl",
        "a/m.jsonl.gen0001", "a/m.jsonl.gen0001.at4", "a/m.jsonl.1", "a/train.log-20251211", "a/secret.jsonl",
    ])
    func `nothing comes that is the collector's own, a rotated log or excluded`(_ name: String) throws {
        #expect(try fileClass(name, checkpoints: true, others: true) == nil)
    }
}

@Suite struct TargetOwnersTests {
    @Test func `of two hosts with the same file the first one has it, until it has it no more`() throws {
        let target = try RelativePath(validating: "a/m.jsonl")
        let owners = TargetOwners(sources: ["one", "two"])
        // It came from the first, which has not been asked yet.
        #expect(owners.claim(target, by: "two", former: "one") == "one")
        #expect(owners.claim(target, by: "one", former: "one") == "one")
        #expect(owners.claim(target, by: "two", former: "one") == "one")
        owners.noteListing(of: "one")
        owners.release(target, by: "two")
        #expect(owners.claim(target, by: "two", former: "one") == "one")
        owners.release(target, by: "one")
        #expect(owners.claim(target, by: "two", former: "one") == "two")
        #expect(owners.claim(target, by: "one", former: "two") == "two")
    }

    @Test func `a file of a host that is followed no more goes to the one that has it`() throws {
        let target = try RelativePath(validating: "a/m.jsonl")
        #expect(TargetOwners(sources: ["two"]).claim(target, by: "two", former: "one") == "two")
    }
}

@Suite struct CollectorStatusTests {
    @Test func `the file is what the documentation says`() throws {
        var host = CollectorStatus.Host(name: "gpu")
        (host.channel, host.isReachable, host.since, host.lastSuccess) = (
            "sftp+exec", true, 1_765_467_060, 1_765_467_099.2501
        )
        host.fileCount = 12
        host.lag = LagReport(byteCount: 4_096, seconds: 2.5)
        var run = CollectorStatus.Run(id: "stage2", host: "gpu")
        (run.fileCount, run.generationCount, run.newestData) = (2, 1, 1_765_467_099)
        let status = CollectorStatus(time: 1_765_467_100, interval: 15, hosts: [host], runs: [run])
        #expect(
            String(decoding: status.encoded(), as: UTF8.self) == """
                {"schema":1,"time":1765467100,"interval":15,"hosts":[{"name":"gpu","channel":"sftp+exec",\
                "reachable":true,"since":1765467060,"last_success":1765467099.25,"error":null,"attempts":0,\
                "files":12,"lag_bytes":4096,"lag_seconds":2.5}],"runs":[{"id":"stage2","host":"gpu",\
                "newest_data":1765467099,"lag_bytes":0,"lag_seconds":0,"files":2,"generations":1,"vanished":0}]}

                """
        )
    }

    @Test func `hostile names are escaped, an empty collector is an object too`() throws {
        var host = CollectorStatus.Host(name: "</script>\"\n\u{2028}")
        host.error = "\u{0}<b>"
        for hosts in [[host, host], []] {
            let status = CollectorStatus(time: .nan, interval: 15, hosts: hosts, runs: [], isStopped: true)
            let value = try JSONParser.parse(status.encoded())
            #expect(value["hosts"]?.array?.count == hosts.count)
            #expect(value["hosts"]?.array?.last?["name"]?.string == hosts.last?.name)
            #expect(value["time"] == .null && value["stopped"] == .bool(true))
            #expect(!status.encoded().contains(UInt8(ascii: "<")))
        }
    }
}

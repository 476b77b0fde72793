import Files
import Foundation
import RunRecords
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Whole followers, by a clock that the test moves.
@Suite(.timeLimit(.minutes(2))) struct FollowerTests {
    @Test func `new runs are found, logs and descriptions arrive, checkpoints do not`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "{\"step\":1}\n")
        site.write("gpu", "a/run.json", "{}")
        site.write("gpu", "a/checkpoints/step_1.pt", "weights")
        let summary = try await site.follow {
            try await site.settle {
                site.text("a/metrics.jsonl") == "{\"step\":1}\n" && site.text("a/run.json") == "{}"
            }
            site.write("gpu", "b/metrics.jsonl", "{\"step\":7}\n")
            site.append("gpu", "a/metrics.jsonl", "{\"step\":2}\n")
            try await site.settle { site.text("b/metrics.jsonl") != nil }
            try await site.settle { site.text("a/metrics.jsonl") == "{\"step\":1}\n{\"step\":2}\n" }
            site.write("gpu", "a/run.json", "{\"name\":\"x\"}")
            try await site.settle { site.text("a/run.json") == "{\"name\":\"x\"}" }
        }
        #expect(site.text("a/checkpoints/step_1.pt") == nil)
        #expect(summary.fileCount == 2 && summary.isComplete && summary.problems.isEmpty)
        #expect(site.events.contains(.connected(host: "gpu", channel: "exec")))
    }

    @Test func `a growing log is at most two and a half seconds behind, by the clock`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "")
        _ = try await site.follow {
            try await site.settle { site.text("a/metrics.jsonl") == "" }
            for step in 0..<20 {
                site.append("gpu", "a/metrics.jsonl", "\(step)\n")
                let start = site.time.now
                try await site.settle { site.text("a/metrics.jsonl")?.hasSuffix("\(step)\n") ?? false }
                // The first may come after a time of rest.
                #expect(site.time.now - start <= .seconds(step == 0 ? 5 : 2.5))
            }
        }
    }

    @Test func `whole files leave no empty folders behind`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/run.json", "{}")
        site.write("gpu", "a/media/clip.mp4", "film")
        _ = try await site.follow {
            try await site.settle {
                site.text("a/media/clip.mp4") == "film" && site.text("a/run.json") == "{}"
            }
        }
        let names = try DirectoryTree.walk(site.mirror.path).map(\.path.string)
        #expect(!names.contains { $0.hasSuffix(WholeFileOptions.defaultPartialFolder) }, "\(names)")
    }

    /// Killed after the file was in place and before its folder was removed, with nothing to carry afterwards.
    @Test func `what a killed process left is cleared away by the next`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/run.json", "{}")
        _ = try await site.follow { try await site.settle { site.text("a/run.json") == "{}" } }
        let left = "a/" + WholeFileOptions.defaultPartialFolder
        try FileSystem.createDirectories(site.mirror.path(of: left))
        _ = try await site.follow {
            try await site.settle { !FileManager.default.fileExists(atPath: site.mirror.path(of: left)) }
        }
        #expect(site.text("a/run.json") == "{}")
    }

    @Test func `the end is a last pass: what was written just before it arrives`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "1\n")
        let summary = try await site.follow {
            try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
            site.append("gpu", "a/metrics.jsonl", "2\n")
            site.write("gpu", "c/metrics.jsonl", "3\n")
            site.write("gpu", "c/run.json", "{}")
        }
        #expect(site.text("a/metrics.jsonl") == "1\n2\n" && site.text("c/metrics.jsonl") == "3\n")
        #expect(site.text("c/run.json") == "{}" && summary.isComplete)
        let text = try #require(site.text("collector/status.json"))
        #expect(text.contains("\"stopped\":true"))
    }

    @Test func `two hosts with the same run do not write to one file`() async throws {
        let site = try FollowedSite(["one", "two"])
        site.write("one", "a/metrics.jsonl", "one\n")
        _ = try await site.follow {
            try await site.settle { site.text("a/metrics.jsonl") == "one\n" }
            site.write("two", "a/metrics.jsonl", "two\n")
            try await site.settle {
                site.events.contains { if case .problem("two", _) = $0 { true } else { false } }
            }
            for _ in 0..<10 { try await site.step() }
            #expect(site.text("a/metrics.jsonl") == "one\n")
            // The run has moved.
            site.transport("one").change { $0.files = [:] }
            try await site.settle { site.text("a/metrics.jsonl") == "two\n" }
            #expect(site.text("a/metrics.jsonl.gen0001") == "one\n")
        }
    }

    @Test func `the board is written every 15 seconds without a change, and not more often`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "1\n")
        _ = try await site.follow {
            try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
            for _ in 0..<60 { try await site.step() }
            var times: Set<String> = []
            let start = site.time.now
            while site.time.now - start < .seconds(150) {
                try await site.step()
                times.insert(site.text("collector/status.json") ?? "")
            }
            #expect((9...12).contains(times.count), "\(times.count)")
        }
    }

    @Test func `a thousand files are followed in bounded memory and few requests`() async throws {
        let site = try FollowedSite(["gpu"])
        for index in 0..<1_000 { site.write("gpu", "run-\(index)/metrics.jsonl", "{\"step\":\(index)}\n") }
        _ = try await site.follow {
            try await site.settle { site.text("run-999/metrics.jsonl") != nil && site.copyCount == 1_000 }
            for _ in 0..<50 { try await site.step() }
            let memory = try MemoryUse.residentByteCount()
            let source = site.transport("gpu")
            let (looks, start) = (source.count(of: .status), site.time.now)
            while site.time.now - start < .seconds(60) { try await site.step() }
            #expect(source.count(of: .status) - looks <= 80)
            #expect(try MemoryUse.residentByteCount() - memory < 20 << 20)
        }
    }

    @Test func `a local folder is followed by its changes, not by the clock`() async throws {
        let runs = try TemporaryDirectory.fast()
        try runs.write("1\n", to: "a/metrics.jsonl")
        let mirror = try TemporaryDirectory.fast()
        let source = FollowSource(name: "here", location: runs.path, localRoot: runs.path) {
            [path = runs.path] in
            LocalTransport(root: path)
        }
        let clock = ManualTime()
        var configuration = FollowConfiguration(sources: [source], destinationRoot: mirror.path)
        configuration.time = clock.time
        let follower = Task { [configuration] in try await Follower(configuration: configuration).run() }
        func wait(_ text: String, _ name: String) async throws {
            let isThere = await withDeadline(seconds: 60) { () -> Bool? in
                while !Task.isCancelled {
                    if let copy = try? mirror.readText(name), copy == text { return true }
                    await Task.yield()
                }
                return nil
            }
            #expect(isThere == true, "\(name)")
        }
        try await wait("1\n", "a/metrics.jsonl")
        try runs.append("2\n", to: "a/metrics.jsonl")
        try await wait("1\n2\n", "a/metrics.jsonl")
        // The first listing rests for a moment of the clock, which does not go by itself here.
        clock.advance(by: .seconds(1.1))
        try runs.write("9\n", to: "b/metrics.jsonl")
        try await wait("9\n", "b/metrics.jsonl")
        follower.cancel()
        #expect(try await follower.value.isComplete)
    }
}

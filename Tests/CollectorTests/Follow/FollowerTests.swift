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

    @Test func `a host that fails is tried ever less often, and does not stop the other`() async throws {
        let site = try FollowedSite(["bad", "good"])
        site.write("good", "a/metrics.jsonl", "1\n")
        site.setOpening("bad") { throw CollectorError.connection(host: "bad", reason: "refused") }
        _ = try await site.follow {
            try await site.settle { site.events.filter { $0.isFailure }.count >= 8 }
            site.append("good", "a/metrics.jsonl", "2\n")
            try await site.settle { site.text("a/metrics.jsonl") == "1\n2\n" }
            let status = try await site.status { $0["hosts"]?.array?.first?["attempts"]?.number ?? 0 >= 8 }
            #expect(status["hosts"]?.array?.first?["name"]?.string == "bad")
            #expect(status["hosts"]?.array?.first?["reachable"]?.bool == false)
            #expect(
                status["hosts"]?.array?.first?["error"]?.string?.contains("no connection: refused") == true
            )
            #expect(status["hosts"]?.array?.last?["reachable"]?.bool == true)
            site.setOpening("bad", nil)
            site.write("bad", "b/metrics.jsonl", "x\n")
            try await site.settle { site.text("b/metrics.jsonl") == "x\n" }
        }
        let delays = site.events.compactMap { event -> Duration? in
            guard case .disconnected("bad", _, let delay) = event else { return nil }
            return delay
        }
        // Half of 1, 2, 4 … 60 seconds.
        #expect(delays.prefix(8).map(\.inSeconds) == [0.5, 1, 2, 4, 8, 16, 30, 30])
    }

    @Test func `a host that cannot be trusted is left until a person has looked`() async throws {
        let site = try FollowedSite(["bad", "good"])
        let changed = CollectorError.hostKeyChanged(host: "bad", pinned: "SHA256:a", offered: "SHA256:b")
        site.setOpening("bad") { throw changed }
        site.write("good", "a/metrics.jsonl", "1\n")
        let summary = try await site.follow {
            try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
            try await site.settle { site.events.contains { $0.isFailure } }
            let opened = site.openCount("bad")
            for _ in 0..<30 { try await site.step() }
            #expect(site.openCount("bad") == opened && opened == 1)
        }
        #expect(!summary.isComplete && summary.problems == [changed])
        #expect(site.events.contains(.disconnected(host: "bad", error: changed, retryAfter: nil)))
    }

    @Test func `where no host is left, the error is thrown`() async throws {
        let site = try FollowedSite(["bad"])
        let error = CollectorError.authentication(host: "bad", reason: "no key fits")
        site.setOpening("bad") { throw error }
        await #expect(throws: error) { _ = try await Follower(configuration: site.configuration).run() }
    }

    @Test func `a connection that breaks is opened again, and nothing is doubled`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "1\n")
        _ = try await site.follow {
            try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
            site.transport("gpu").setFault { _, _ in throw CollectorError.stream("gpu", reason: "reset") }
            site.append("gpu", "a/metrics.jsonl", "2\n")
            try await site.settle { site.events.contains { $0.isFailure } }
            site.transport("gpu").setFault { _, _ in }
            try await site.settle { site.text("a/metrics.jsonl") == "1\n2\n" }
        }
        #expect(site.openCount("gpu") >= 2)
        #expect(!site.events.contains { if case .generation = $0 { true } else { false } })
    }

    @Test func `one bad file is told once and does not stop the others`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "1\n")
        site.write("gpu", "b/metrics.jsonl", "1\n")
        let refusal = CollectorError.remoteFile(
            "a/metrics.jsonl",
            operation: "read",
            reason: "Permission denied"
        )
        site.transport("gpu").setFault { operation, path in
            if operation == .read, path?.string == "a/metrics.jsonl" { throw refusal }
        }
        _ = try await site.follow {
            try await site.settle { site.text("b/metrics.jsonl") == "1\n" }
            for _ in 0..<40 { try await site.step() }
            #expect(site.events.filter { $0 == .problem(host: "gpu", error: refusal) }.count == 1)
            let status = try await site.status { $0["hosts"]?.array?.first?["error"]?.string != nil }
            #expect(status["hosts"]?.array?.first?["reachable"]?.bool == true)
            #expect(status["hosts"]?.array?.first?["lag_bytes"]?.number == 2)
            #expect((status["runs"]?.array?.first?["lag_seconds"]?.number ?? 0) > 1)
            site.transport("gpu").setFault { _, _ in }
            try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
        }
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

    @Test func `a last pass that takes too long is given up`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "1\n")
        let summary = try await site.follow {
            try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
            let time = site.time.time
            site.setOpening("gpu") {
                try await time.sleep(.seconds(3_600))
                throw CollectorError.connection(host: "gpu", reason: "never")
            }
            site.transport("gpu").setFault { _, _ in throw CollectorError.stream("gpu", reason: "reset") }
            try await site.settle { site.events.contains { $0.isFailure } }
        }
        #expect(!summary.isComplete)
        #expect(site.time.now < .seconds(1_000))
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

    @Test func `a follower needs sources with names of their own, and a folder of its own`() async throws {
        let site = try FollowedSite(["gpu"])
        await #expect(throws: CollectorError.self) {
            _ = try await Follower(
                configuration: FollowConfiguration(sources: [], destinationRoot: site.mirror.path)
            ).run()
        }
        var twice = site.configuration
        twice.sources += twice.sources
        await #expect(throws: CollectorError.self) { _ = try await Follower(configuration: twice).run() }
        let journal = try AppendJournal(root: site.mirror.path)
        await #expect(throws: CollectorError.self) {
            _ = try await Follower(configuration: site.configuration).run()
        }
        withExtendedLifetime(journal) {}
    }
}

extension FollowEvent {
    var isFailure: Bool { if case .disconnected = self { true } else { false } }
}

enum MemoryUse {
    /// Source: proc_pid_statm(5), the second number is of resident pages.
    static func residentByteCount() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ").dropFirst().first ?? "0") ?? 0) * 4096
    }
}

/// Hosts in memory, a destination on disk, and a clock that goes only while the follower waits.
final class FollowedSite: Sendable {
    let time = ManualTime()
    let mirror: TemporaryDirectory
    private let names: [String]
    private let hosts: [String: MemoryTransport]
    private let seen = Mutex<[FollowEvent]>([])
    private let openings = Mutex<[String: @Sendable () async throws -> Void]>([:])
    private let opened = Mutex<[String: Int]>([:])

    init(_ names: [String]) throws {
        self.names = names
        mirror = try TemporaryDirectory.fast()
        hosts = Dictionary(uniqueKeysWithValues: names.map { ($0, MemoryTransport(displayName: $0)) })
    }

    var events: [FollowEvent] { seen.withLock { $0 } }

    func transport(_ name: String) -> MemoryTransport { hosts[name] ?? MemoryTransport() }

    func openCount(_ name: String) -> Int { opened.withLock { $0[name] ?? 0 } }

    /// Runs before each opening of a connection.
    func setOpening(_ name: String, _ body: (@Sendable () async throws -> Void)?) {
        openings.withLock { $0[name] = body }
    }

    func write(_ host: String, _ name: String, _ text: String) {
        guard let path = try? RelativePath(validating: name) else { return }
        transport(host).change { $0.edit(path) { $0 = Array(text.utf8) } }
    }

    func append(_ host: String, _ name: String, _ text: String) {
        guard let path = try? RelativePath(validating: name) else { return }
        transport(host).change { $0.edit(path) { $0 += Array(text.utf8) } }
    }

    func text(_ name: String) -> String? { try? mirror.readText(name) }

    /// Logs at the destination.
    var copyCount: Int {
        (try? DirectoryTree.walk(mirror.path))?.filter { $0.path.string.hasSuffix("metrics.jsonl") }.count
            ?? 0
    }

    var configuration: FollowConfiguration {
        let sources = names.map { name in
            FollowSource(name: name, location: "\(name):/runs") { [self] in
                opened.withLock { $0[name, default: 0] += 1 }
                try await openings.withLock { $0[name] }?()
                return transport(name)
            }
        }
        var configuration = FollowConfiguration(sources: sources, destinationRoot: mirror.path)
        configuration.time = time.time
        configuration.random = { 0.5 }
        configuration.wallTime = { [time] in 1_700_000_000 + time.now.inSeconds }
        configuration.report = { [self] event in seen.withLock { $0.append(event) } }
        return configuration
    }

    /// Follows while `body` runs, then ends in an orderly way.
    func follow(_ body: () async throws -> Void) async throws -> FollowSummary {
        let configuration = configuration
        let follower = Task { try await Follower(configuration: configuration).run() }
        do { try await body() } catch {
            follower.cancel()
            _ = try? await finish(follower)
            throw error
        }
        follower.cancel()
        return try await finish(follower)
    }

    private func finish(_ follower: Task<FollowSummary, any Error>) async throws -> FollowSummary {
        let isDone = Mutex(false)
        async let summary = {
            defer { isDone.withLock { $0 = true } }
            return try await follower.value
        }()
        while !isDone.withLock({ $0 }) { try await step() }
        return try await summary
    }

    /// Lets the follower work until it waits, then moves the clock to the next moment that somebody waits for.
    func step() async throws {
        // What it does between two waits takes a few turns of the executor, some on other threads. At rest, each host
        // waits for its logs and for its whole files, and the board for its next writing.
        let atRest = names.count * 2 + 1
        var quiet = 0
        var last = -1
        while quiet < (time.sleeperCount >= atRest ? 60 : 2_000) {
            await Task.yield()
            let work = hosts.values.reduce(time.sleeperCount) { sum, host in
                MemoryTransport.Operation.allCases.reduce(sum) { $0 + host.count(of: $1) }
            }
            quiet = work == last ? quiet + 1 : 0
            last = work
        }
        if let next = time.nextWake { time.advance(by: max(.milliseconds(1), next - time.now)) }
    }

    struct NeverCame: Error {}

    func settle(_ isSettled: () -> Bool) async throws {
        for _ in 0..<3_000 {
            if isSettled() { return }
            try await step()
        }
        throw NeverCame()
    }

    /// The board's file, as soon as it says something.
    func status(_ isIt: (JSONValue) -> Bool) async throws -> JSONValue {
        for _ in 0..<1_000 {
            if let text = text("collector/status.json"), let value = try? JSONParser.parse(Array(text.utf8)),
                isIt(value)
            {
                return value
            }
            try await step()
        }
        throw NeverCame()
    }
}

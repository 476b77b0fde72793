import Files
import Foundation
import RunRecords
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Hosts that fail, files that fail, and ends that do not come by themselves.
@Suite(.timeLimit(.minutes(2))) struct FollowerFailureTests {
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

    @Test func `a host that does not let us in is asked slowly, and followed when it does`() async throws {
        let site = try FollowedSite(["gpu"])
        let error = CollectorError.authentication(host: "gpu", reason: "no key fits")
        site.setOpening("gpu") { throw error }
        site.write("gpu", "a/metrics.jsonl", "1\n")
        _ = try await site.follow {
            try await site.settle { site.events.filter { $0.isFailure }.count >= 6 }
            site.setOpening("gpu", nil)
            try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
        }
        let delays = site.events.compactMap { event -> Duration? in
            guard case .disconnected("gpu", error, let delay) = event else { return nil }
            return delay
        }
        // Three quarters of 1, 2, 4, 8 and 10 minutes.
        #expect(delays.prefix(6).map(\.inSeconds) == [45, 90, 180, 360, 450, 450])
    }

    @Test func `the second request to stop ends the last pass, too`() async throws {
        let site = try FollowedSite(["gpu"])
        site.write("gpu", "a/metrics.jsonl", "1\n")
        let (stop, isInLastPass) = (OrderlyStop(), WakeSignal())
        let configuration = site.configuration
        async let summary = Follower(configuration: configuration).run(stop: stop)
        try await site.settle { site.text("a/metrics.jsonl") == "1\n" }
        site.transport("gpu").setFault { _, _ in
            isInLastPass.raise()
            throw CollectorError.stream("gpu", reason: "reset")
        }
        site.setOpening("gpu") { [time = site.time.time] in try await time.sleep(.seconds(3_600)) }
        stop.request()
        await isInLastPass.raised()
        // The clock stands still from here: only the request can end it.
        stop.request()
        #expect(try await !summary.isComplete)
    }

    @Test func `where no host is left, the error is thrown`() async throws {
        let site = try FollowedSite(["bad"])
        let error = CollectorError.hostKeyChanged(host: "bad", pinned: "SHA256:a", offered: "SHA256:b")
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

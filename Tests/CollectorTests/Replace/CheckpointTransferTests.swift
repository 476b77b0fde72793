import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Checkpoints: they rest before they are read, and are whole before they replace anything.
@Suite struct CheckpointTransferTests {
    @Test func aCheckpointReplacedByOneOfTheSameSizeMeanwhileIsNeverMixed() async throws {
        let fixture = try WholeFileFixture()
        let (old, new) = (
            wholeFileCheckpoint(1, tensorByteCount: 200_000), wholeFileCheckpoint(2, tensorByteCount: 200_000)
        )
        #expect(old.count == new.count)
        try fixture.put(old, at: "best.pt")
        let replaced = Mutex(false)
        let source = ScriptedTransport(fixture.from, without: .hash) { _, offset in
            // Behind what the look at the end reads.
            guard offset > 20_000, offset < 40_000 else { return }
            let isFirst = replaced.withLock { done in
                defer { done = true }
                return !done
            }
            if isFirst { try fixture.put(new, at: "best.pt") }
        }
        let outcome = try await fixture.transfer().transfer(
            wholeFilePath("best.pt"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("best.pt")
        )
        #expect(fixture.arrived("best.pt") == new)
        #expect(outcome.received.verification == .structureAndChecksums)
        #expect(fixture.names == ["best.pt"])
    }

    @Test func aFileThatNeverRestsIsLeftAlone() async throws {
        let fixture = try WholeFileFixture()
        try fixture.put(wholeFileCheckpoint(1), at: "best.pt")
        let clock = JumpingClock { try fixture.put(wholeFileCheckpoint(3), at: "best.pt") }
        let source = ScriptedTransport(fixture.from)
        await #expect(throws: CollectorError.changed(fixture.from + "/best.pt")) {
            try await fixture.transfer(clock: clock).transfer(
                wholeFilePath("best.pt"),
                from: source,
                to: fixture.destination,
                as: wholeFilePath("best.pt")
            )
        }
        #expect(source.deliveredByteCount == 0)
        #expect(fixture.names.isEmpty)
    }

    @Test func aCheckpointRestsThreeSecondsAndAnEarlierLookCounts() async throws {
        let fixture = try WholeFileFixture()
        try fixture.put(wholeFileCheckpoint(1), at: "best.pt")
        let source = LocalTransport(root: fixture.from)
        let clock = JumpingClock()
        let status = try #require(try await source.status(of: wholeFilePath("best.pt")))
        _ = try await fixture.transfer(clock: clock).transfer(
            wholeFilePath("best.pt"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("a.pt"),
            seen: ObservedStatus(status: status, time: .seconds(-2))
        )
        #expect(clock.waited == .seconds(1))
        _ = try await fixture.transfer(clock: clock).transfer(
            wholeFilePath("best.pt"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("b.pt")
        )
        #expect(clock.waited == .seconds(4))
    }

    /// How much is waited for a file of some age, by the clock that gave it its time.
    private func waited(forAgeInSeconds age: Double?) async throws -> (before: Duration, inAll: Duration) {
        let fixture = try WholeFileFixture()
        try fixture.put(wholeFileCheckpoint(1), at: "best.pt")
        let status = try await LocalTransport(root: fixture.from).status(of: wholeFilePath("best.pt"))
        let modified = try #require(status?.modifiedNanoseconds)
        let clock = JumpingClock()
        let before = Mutex<Duration?>(nil)
        let source = ScriptedTransport(fixture.from) { _, _ in before.withLock { $0 = $0 ?? clock.waited } }
        source.setClock { age.map { modified + Int64($0 * 1e9) + Int64(clock.waited / .nanoseconds(1)) } }
        _ = try await fixture.transfer(clock: clock).transfer(
            wholeFilePath("best.pt"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("best.pt")
        )
        return (try #require(before.withLock { $0 }), clock.waited)
    }

    @Test func aCheckpointThatHasRestedByItsOwnClockIsNotWaitedFor() async throws {
        #expect(try await waited(forAgeInSeconds: nil) == (.seconds(3), .seconds(3)))
        #expect(try await waited(forAgeInSeconds: 61) == (.zero, .zero))
        // The clock of a file server may be a little behind: there are two looks a period apart all the same.
        #expect(try await waited(forAgeInSeconds: 10) == (.zero, .seconds(3)))
        #expect(try await waited(forAgeInSeconds: 1) == (.seconds(2), .seconds(3)))
        // A time ahead of the clock tells nothing.
        #expect(try await waited(forAgeInSeconds: -100) == (.seconds(3), .seconds(3)))
    }

    @Test func aHalfWrittenCheckpointIsNotPulled() async throws {
        let fixture = try WholeFileFixture()
        let bytes = wholeFileCheckpoint(1, tensorByteCount: 1 << 20)
        try fixture.put(Array(bytes[..<(1 << 20)]), at: "step_1.pt")
        let source = ScriptedTransport(fixture.from)
        await #expect(throws: CollectorError.self) {
            try await fixture.transfer().transfer(
                wholeFilePath("step_1.pt"),
                from: source,
                to: fixture.destination,
                as: wholeFilePath("step_1.pt")
            )
        }
        #expect(source.deliveredByteCount < 70_000)
        #expect(fixture.names.isEmpty)
    }

    @Test func aTornCheckpointNeverReplacesAGoodOne() async throws {
        let fixture = try WholeFileFixture()
        var bytes = wholeFileCheckpoint(1)
        bytes[30_000] ^= 1
        try fixture.put(bytes, at: "best.pt")
        try AtomicFile.write([1, 2, 3], to: fixture.to + "/best.pt")
        for missing: TransportCapabilities in [[], .hash] {
            let source = ScriptedTransport(fixture.from, without: missing)
            await #expect(throws: CollectorError.self) {
                try await fixture.transfer().transfer(
                    wholeFilePath("best.pt"),
                    from: source,
                    to: fixture.destination,
                    as: wholeFilePath("best.pt")
                )
            }
            #expect(fixture.arrived("best.pt") == [1, 2, 3])
        }
    }

    @Test func aHashThatIsNotTheSourcesIsRefused() async throws {
        let fixture = try WholeFileFixture()
        try fixture.put([1, 2, 3], at: "a")
        let source = ScriptedTransport(fixture.from)
        source.claim(SHA256Value(hashing: [9]), for: try wholeFilePath("a"))
        await #expect(throws: CollectorError.self) {
            try await fixture.transfer().transfer(
                wholeFilePath("a"),
                from: source,
                to: fixture.destination,
                as: wholeFilePath("a")
            )
        }
        #expect(fixture.names.isEmpty)
    }
}

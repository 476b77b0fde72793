@testable import Collector
import Files
import Foundation
import Synchronization
import Testing
import TestSupport

private struct Interrupted: Error {}

/// Two folders, and a source that a test breaks.
private struct Fixture {
    let directory: TemporaryDirectory
    var from: String { directory.path + "/from" }
    var to: String { directory.path + "/to" }
    var destination: LocalTransport { LocalTransport(root: to) }

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["from", "to"] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/" + name,
                withIntermediateDirectories: true
            )
        }
    }

    func put(_ bytes: [UInt8], at name: String) throws {
        try AtomicFile.write(bytes, to: from + "/" + name, synchronizing: false)
    }

    func arrived(_ name: String) -> [UInt8]? {
        try? OpenFile.reading(to + "/" + name).readAll()
    }

    var names: [String] {
        ((try? DirectoryTree.walk(to)) ?? []).filter { $0.kind == .file }.map(\.path.string)
    }

    func transfer(
        clock: JumpingClock = JumpingClock(),
        options: WholeFileOptions = WholeFileOptions(),
        atStep: @escaping @Sendable (TransferStep) throws -> Void = { _ in }
    ) -> WholeFileTransfer {
        WholeFileTransfer(options: options, time: clock.time, atStep: atStep)
    }
}

private func path(_ text: String) throws -> RelativePath { try RelativePath(validating: text) }

private func checkpoint(_ seed: UInt64, tensorByteCount: Int = 50_000) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return ZipFixture.checkpoint { random.bytes(tensorByteCount) }.bytes
}

@Suite struct WholeFileTransferTests {
    @Test func aFileArrivesWithItsTimeAndModeAndIsVerifiedBySHA256() async throws {
        let fixture = try Fixture()
        try fixture.put(Array("hello".utf8), at: "a.txt")
        let source = LocalTransport(root: fixture.from)
        try await source.setAttributes(
            of: path("a.txt"),
            mode: nil,
            modifiedNanoseconds: 1_600_000_000_000_000_007
        )
        let outcome = try await fixture.transfer().transfer(
            path("a.txt"),
            from: source,
            to: fixture.destination,
            as: path("deep/b.txt"),
            attributes: TransferAttributes(mode: 0o640)
        )
        #expect(fixture.names == ["deep/b.txt"])
        #expect(fixture.arrived("deep/b.txt") == Array("hello".utf8))
        #expect(outcome.received.verification == .sha256)
        #expect(outcome.received.sha256 == SHA256Value(hashing: Array("hello".utf8)))
        let status = try #require(try await fixture.destination.status(of: path("deep/b.txt")))
        #expect(status.modifiedNanoseconds == 1_600_000_000_000_000_007)
        #expect(status.mode == 0o640)
        #expect(try await fixture.destination.status(of: path("deep/.voxsite-partial"))?.mode == 0o700)
    }

    @Test(arguments: [false, true])
    func whatBrokeOffIsTakenUpWithAnOverlapCompared(pushes: Bool) async throws {
        let fixture = try Fixture()
        var random = SeededRandom.fresh()
        let bytes = random.bytes(100_000)
        try fixture.put(bytes, at: "big.dat")
        var options = WholeFileOptions()
        options.overlapByteCount = 5_000
        let destination: any WritableTransport =
            pushes ? ScriptedTransport(fixture.to) : fixture.destination
        let breaking = ScriptedTransport(fixture.from) { _, offset in
            if offset >= 60_000 { throw CollectorError.stream("test", reason: "cut") }
        }
        // A push asks for 4 MiB at a time, so nothing of a broken piece is kept.
        let broken = pushes ? 0 : 60_000
        await #expect(throws: CollectorError.stream("test", reason: "cut")) {
            try await fixture.transfer(options: options).transfer(
                path("big.dat"),
                from: breaking,
                to: destination,
                as: path("big.dat")
            )
        }
        #expect(fixture.arrived("big.dat") == nil)
        let whole = ScriptedTransport(fixture.from)
        let outcome = try await fixture.transfer(options: options).transfer(
            path("big.dat"),
            from: whole,
            to: destination,
            as: path("big.dat")
        )
        #expect(outcome.received.reusedByteCount == broken)
        #expect(whole.deliveredByteCount == 100_000 - broken + min(broken, 5_000))
        #expect(fixture.arrived("big.dat") == bytes)
        #expect(outcome.received.verification == .sha256)
        #expect(fixture.names == ["big.dat"])
    }

    @Test func aPartialFileWithOtherContentsIsNotContinued() async throws {
        let fixture = try Fixture()
        var random = SeededRandom.fresh()
        let bytes = random.bytes(50_000)
        try fixture.put(bytes, at: "big.dat")
        let source = ScriptedTransport(fixture.from, without: .hash)
        let status = try #require(try await source.status(of: path("big.dat")))
        let partial = try fixture.transfer().partialPath(for: path("big.dat"), status: status)
        try await fixture.destination.createFolder(path(".voxsite-partial"))
        try AtomicFile.write(random.bytes(20_000), to: partial.below(fixture.to))
        let outcome = try await fixture.transfer().transfer(
            path("big.dat"),
            from: source,
            to: fixture.destination,
            as: path("big.dat")
        )
        #expect(outcome.received.reusedByteCount == 0)
        #expect(fixture.arrived("big.dat") == bytes)
        #expect(outcome.received.verification == .sizeOnly, "the source cannot hash, and says so")
    }

    @Test func partialFilesOfOtherVersionsAreRemoved() async throws {
        let fixture = try Fixture()
        try fixture.put([1], at: "a")
        try await fixture.destination.createFolder(path(".voxsite-partial"))
        for name in ["a.12-34.part", "a.b.12-34.part", "a.12.part"] {
            try AtomicFile.write([1], to: fixture.to + "/.voxsite-partial/" + name)
        }
        _ = try await fixture.transfer().transfer(
            path("a"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: path("a")
        )
        #expect(fixture.names == [".voxsite-partial/a.12.part", ".voxsite-partial/a.b.12-34.part", "a"])
    }

    @Test func aCheckpointReplacedByOneOfTheSameSizeMeanwhileIsNeverMixed() async throws {
        let fixture = try Fixture()
        let (old, new) = (checkpoint(1, tensorByteCount: 200_000), checkpoint(2, tensorByteCount: 200_000))
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
            path("best.pt"),
            from: source,
            to: fixture.destination,
            as: path("best.pt")
        )
        #expect(fixture.arrived("best.pt") == new)
        #expect(outcome.received.verification == .structureAndChecksums)
        #expect(fixture.names == ["best.pt"])
    }

    @Test func aFileThatNeverRestsIsLeftAlone() async throws {
        let fixture = try Fixture()
        try fixture.put(checkpoint(1), at: "best.pt")
        let clock = JumpingClock { try fixture.put(checkpoint(3), at: "best.pt") }
        let source = ScriptedTransport(fixture.from)
        await #expect(throws: CollectorError.changed(fixture.from + "/best.pt")) {
            try await fixture.transfer(clock: clock).transfer(
                path("best.pt"),
                from: source,
                to: fixture.destination,
                as: path("best.pt")
            )
        }
        #expect(source.deliveredByteCount == 0)
        #expect(fixture.names.isEmpty)
    }

    @Test func aCheckpointRestsThreeSecondsAndAnEarlierLookCounts() async throws {
        let fixture = try Fixture()
        try fixture.put(checkpoint(1), at: "best.pt")
        let source = LocalTransport(root: fixture.from)
        let clock = JumpingClock()
        let status = try #require(try await source.status(of: path("best.pt")))
        _ = try await fixture.transfer(clock: clock).transfer(
            path("best.pt"),
            from: source,
            to: fixture.destination,
            as: path("a.pt"),
            seen: ObservedStatus(status: status, time: .seconds(-2))
        )
        #expect(clock.waited == .seconds(1))
        _ = try await fixture.transfer(clock: clock).transfer(
            path("best.pt"),
            from: source,
            to: fixture.destination,
            as: path("b.pt")
        )
        #expect(clock.waited == .seconds(4))
    }

    /// How much is waited for a file of some age, by the clock that gave it its time.
    private func waited(forAgeInSeconds age: Double?) async throws -> (before: Duration, inAll: Duration) {
        let fixture = try Fixture()
        try fixture.put(checkpoint(1), at: "best.pt")
        let status = try await LocalTransport(root: fixture.from).status(of: path("best.pt"))
        let modified = try #require(status?.modifiedNanoseconds)
        let clock = JumpingClock()
        let before = Mutex<Duration?>(nil)
        let source = ScriptedTransport(fixture.from) { _, _ in before.withLock { $0 = $0 ?? clock.waited } }
        source.setClock { age.map { modified + Int64($0 * 1e9) + Int64(clock.waited / .nanoseconds(1)) } }
        _ = try await fixture.transfer(clock: clock).transfer(
            path("best.pt"),
            from: source,
            to: fixture.destination,
            as: path("best.pt")
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
        let fixture = try Fixture()
        let bytes = checkpoint(1, tensorByteCount: 1 << 20)
        try fixture.put(Array(bytes[..<(1 << 20)]), at: "step_1.pt")
        let source = ScriptedTransport(fixture.from)
        await #expect(throws: CollectorError.self) {
            try await fixture.transfer().transfer(
                path("step_1.pt"),
                from: source,
                to: fixture.destination,
                as: path("step_1.pt")
            )
        }
        #expect(source.deliveredByteCount < 70_000)
        #expect(fixture.names.isEmpty)
    }

    @Test func aTornCheckpointNeverReplacesAGoodOne() async throws {
        let fixture = try Fixture()
        var bytes = checkpoint(1)
        bytes[30_000] ^= 1
        try fixture.put(bytes, at: "best.pt")
        try AtomicFile.write([1, 2, 3], to: fixture.to + "/best.pt")
        for missing: TransportCapabilities in [[], .hash] {
            let source = ScriptedTransport(fixture.from, without: missing)
            await #expect(throws: CollectorError.self) {
                try await fixture.transfer().transfer(
                    path("best.pt"),
                    from: source,
                    to: fixture.destination,
                    as: path("best.pt")
                )
            }
            #expect(fixture.arrived("best.pt") == [1, 2, 3])
        }
    }

    @Test func aHashThatIsNotTheSourcesIsRefused() async throws {
        let fixture = try Fixture()
        try fixture.put([1, 2, 3], at: "a")
        let source = ScriptedTransport(fixture.from)
        source.claim(SHA256Value(hashing: [9]), for: try path("a"))
        await #expect(throws: CollectorError.self) {
            try await fixture.transfer().transfer(
                path("a"),
                from: source,
                to: fixture.destination,
                as: path("a")
            )
        }
        #expect(fixture.names.isEmpty)
    }

    /// Killed at each step, the target is the old file or the new one, and the next run completes it.
    @Test(arguments: TransferStep.allCases)
    func endedAtAnyStepTheTargetIsWhole(step: TransferStep) async throws {
        let fixture = try Fixture()
        let (old, new) = (checkpoint(1), checkpoint(2))
        try fixture.put(new, at: "best.pt")
        try AtomicFile.write(old, to: fixture.to + "/best.pt")
        let source = LocalTransport(root: fixture.from)
        await #expect(throws: Interrupted.self) {
            try await fixture.transfer(atStep: { if $0 == step { throw Interrupted() } }).transfer(
                path("best.pt"),
                from: source,
                to: fixture.destination,
                as: path("best.pt")
            )
        }
        #expect(fixture.arrived("best.pt") == (step == .replaced ? new : old))
        let outcome = try await fixture.transfer().transfer(
            path("best.pt"),
            from: source,
            to: fixture.destination,
            as: path("best.pt")
        )
        #expect(fixture.arrived("best.pt") == new)
        #expect(outcome.received.verification == .sha256)
        #expect(fixture.names == ["best.pt"])
    }

    @Test func aFullDiskIsAnErrorOfTheFileAndLeavesTheOldOne() async throws {
        let fixture = try Fixture()
        guard geteuid() == 0, mount("tmpfs", fixture.to, "tmpfs", 0, "size=256k") == 0 else {
            print("SKIPPED aFullDisk…: mounting a tmpfs needs root")
            return
        }
        defer { umount(fixture.to) }
        try fixture.put([UInt8](repeating: 1, count: 1 << 20), at: "big.dat")
        try AtomicFile.write([7], to: fixture.to + "/big.dat")
        do {
            _ = try await fixture.transfer().transfer(
                path("big.dat"),
                from: LocalTransport(root: fixture.from),
                to: fixture.destination,
                as: path("big.dat")
            )
            Issue.record("a megabyte went into a quarter of one")
        } catch CollectorError.file(let error) {
            #expect(error.code == ENOSPC)
        }
        #expect(fixture.arrived("big.dat") == [7])
    }

    @Test func aPlantedLinkIsNotFollowed() async throws {
        let fixture = try Fixture()
        try fixture.put([1, 2, 3], at: "a")
        let source = LocalTransport(root: fixture.from)
        let status = try #require(try await source.status(of: path("a")))
        let partial = try fixture.transfer().partialPath(for: path("a"), status: status)
        try await fixture.destination.createFolder(path(".voxsite-partial"))
        let outside = fixture.directory.path + "/outside"
        try AtomicFile.write([9], to: outside)
        for place in [partial.below(fixture.to), fixture.to + "/a"] {
            try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: outside)
        }
        _ = try await fixture.transfer().transfer(
            path("a"),
            from: source,
            to: fixture.destination,
            as: path("a")
        )
        #expect(fixture.arrived("a") == [1, 2, 3])
        #expect(FileIdentity.find(fixture.to + "/a", followingSymbolicLinks: false)?.kind == .file)
        #expect(try OpenFile.reading(outside).readAll() == [9])
    }

    @Test func onlyWhatChangedIsTakenFromTheSourceWhereBothAreHere() async throws {
        let fixture = try Fixture()
        var random = SeededRandom.fresh()
        var options = WholeFileOptions()
        options.deltaUse = .always
        let old = random.bytes(3 << 20)
        let new = random.bytes(100) + old[..<(1 << 20)] + random.bytes(500) + old[(1 << 20)...]
        try fixture.put(Array(new), at: "table.csv")
        try AtomicFile.write(old, to: fixture.to + "/table.csv")
        let outcome = try await fixture.transfer(options: options).transfer(
            path("table.csv"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: path("table.csv")
        )
        #expect(fixture.arrived("table.csv") == Array(new), "\(random)")
        #expect(outcome.received.carriedByteCount < 20_000)
        #expect(outcome.received.verification == .sha256)
        // Weights never go this way.
        try fixture.put(Array(new), at: "w.bin")
        try AtomicFile.write(old, to: fixture.to + "/w.bin")
        let weights = try await fixture.transfer(options: options).transfer(
            path("w.bin"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: path("w.bin")
        )
        #expect(weights.received.carriedByteCount == new.count)
    }

    @Test func longNamesFitIntoThePartialFolder() async throws {
        let fixture = try Fixture()
        let name = String(repeating: "n", count: 255)
        try fixture.put([1], at: name)
        _ = try await fixture.transfer().transfer(
            path(name),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: path(name)
        )
        #expect(fixture.names == [name])
    }

    @Test func aNewNameCanBeDemanded() async throws {
        let fixture = try Fixture()
        try fixture.put([1], at: "a")
        try AtomicFile.write([2], to: fixture.to + "/b")
        let transfer = fixture.transfer()
        let received = try await transfer.receive(
            path("a"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            near: path("a")
        )
        await #expect(throws: CollectorError.exists(fixture.to + "/b")) {
            try await transfer.install(received, on: fixture.destination, as: path("b"), replacing: false)
        }
        try await transfer.install(received, on: fixture.destination, as: path("c"), replacing: false)
        #expect(fixture.names == ["b", "c"])
    }
}

import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Carrying whole files: resumed, put in place in one step, and never half.
@Suite struct WholeFileTransferTests {
    @Test func aFileArrivesWithItsTimeAndModeAndIsVerifiedBySHA256() async throws {
        let fixture = try WholeFileFixture()
        try fixture.put(Array("hello".utf8), at: "a.txt")
        let source = LocalTransport(root: fixture.from)
        try await source.setAttributes(
            of: wholeFilePath("a.txt"),
            mode: nil,
            modifiedNanoseconds: 1_600_000_000_000_000_007
        )
        let outcome = try await fixture.transfer().transfer(
            wholeFilePath("a.txt"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("deep/b.txt"),
            attributes: TransferAttributes(mode: 0o640)
        )
        #expect(fixture.names == ["deep/b.txt"])
        #expect(fixture.arrived("deep/b.txt") == Array("hello".utf8))
        #expect(outcome.received.verification == .sha256)
        #expect(outcome.received.sha256 == SHA256Value(hashing: Array("hello".utf8)))
        let status = try #require(try await fixture.destination.status(of: wholeFilePath("deep/b.txt")))
        #expect(status.modifiedNanoseconds == 1_600_000_000_000_000_007)
        #expect(status.mode == 0o640)
        #expect(
            try await fixture.destination.status(of: wholeFilePath("deep/.voxsite-partial"))?.mode == 0o700
        )
    }

    @Test(arguments: [false, true])
    func whatBrokeOffIsTakenUpWithAnOverlapCompared(pushes: Bool) async throws {
        let fixture = try WholeFileFixture()
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
                wholeFilePath("big.dat"),
                from: breaking,
                to: destination,
                as: wholeFilePath("big.dat")
            )
        }
        #expect(fixture.arrived("big.dat") == nil)
        let whole = ScriptedTransport(fixture.from)
        let outcome = try await fixture.transfer(options: options).transfer(
            wholeFilePath("big.dat"),
            from: whole,
            to: destination,
            as: wholeFilePath("big.dat")
        )
        #expect(outcome.received.reusedByteCount == broken)
        #expect(whole.deliveredByteCount == 100_000 - broken + min(broken, 5_000))
        #expect(fixture.arrived("big.dat") == bytes)
        #expect(outcome.received.verification == .sha256)
        #expect(fixture.names == ["big.dat"])
    }

    @Test func aPartialFileWithOtherContentsIsNotContinued() async throws {
        let fixture = try WholeFileFixture()
        var random = SeededRandom.fresh()
        let bytes = random.bytes(50_000)
        try fixture.put(bytes, at: "big.dat")
        let source = ScriptedTransport(fixture.from, without: .hash)
        let status = try #require(try await source.status(of: wholeFilePath("big.dat")))
        let partial = try fixture.transfer().partialPath(for: wholeFilePath("big.dat"), status: status)
        try await fixture.destination.createFolder(wholeFilePath(".voxsite-partial"))
        try AtomicFile.write(random.bytes(20_000), to: partial.below(fixture.to))
        let outcome = try await fixture.transfer().transfer(
            wholeFilePath("big.dat"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("big.dat")
        )
        #expect(outcome.received.reusedByteCount == 0)
        #expect(fixture.arrived("big.dat") == bytes)
        #expect(outcome.received.verification == .sizeOnly, "the source cannot hash, and says so")
    }

    @Test func partialFilesOfOtherVersionsAreRemoved() async throws {
        let fixture = try WholeFileFixture()
        try fixture.put([1], at: "a")
        try await fixture.destination.createFolder(wholeFilePath(".voxsite-partial"))
        for name in ["a.12-34.part", "a.b.12-34.part", "a.12.part"] {
            try AtomicFile.write([1], to: fixture.to + "/.voxsite-partial/" + name)
        }
        _ = try await fixture.transfer().transfer(
            wholeFilePath("a"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: wholeFilePath("a")
        )
        #expect(fixture.names == [".voxsite-partial/a.12.part", ".voxsite-partial/a.b.12-34.part", "a"])
    }

    /// Killed at each step, the target is the old file or the new one, and the next run completes it.
    @Test(arguments: TransferStep.allCases)
    func endedAtAnyStepTheTargetIsWhole(step: TransferStep) async throws {
        let fixture = try WholeFileFixture()
        let (old, new) = (wholeFileCheckpoint(1), wholeFileCheckpoint(2))
        try fixture.put(new, at: "best.pt")
        try AtomicFile.write(old, to: fixture.to + "/best.pt")
        let source = LocalTransport(root: fixture.from)
        await #expect(throws: Interrupted.self) {
            try await fixture.transfer(atStep: { if $0 == step { throw Interrupted() } }).transfer(
                wholeFilePath("best.pt"),
                from: source,
                to: fixture.destination,
                as: wholeFilePath("best.pt")
            )
        }
        #expect(fixture.arrived("best.pt") == (step == .replaced ? new : old))
        let outcome = try await fixture.transfer().transfer(
            wholeFilePath("best.pt"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("best.pt")
        )
        #expect(fixture.arrived("best.pt") == new)
        #expect(outcome.received.verification == .sha256)
        #expect(fixture.names == ["best.pt"])
    }

    @Test func aFullDiskIsAnErrorOfTheFileAndLeavesTheOldOne() async throws {
        let fixture = try WholeFileFixture()
        guard geteuid() == 0, mount("tmpfs", fixture.to, "tmpfs", 0, "size=256k") == 0 else {
            print("SKIPPED aFullDisk…: mounting a tmpfs needs root")
            return
        }
        defer { umount(fixture.to) }
        try fixture.put([UInt8](repeating: 1, count: 1 << 20), at: "big.dat")
        try AtomicFile.write([7], to: fixture.to + "/big.dat")
        do {
            _ = try await fixture.transfer().transfer(
                wholeFilePath("big.dat"),
                from: LocalTransport(root: fixture.from),
                to: fixture.destination,
                as: wholeFilePath("big.dat")
            )
            Issue.record("a megabyte went into a quarter of one")
        } catch CollectorError.file(let error) {
            #expect(error.code == ENOSPC)
        }
        #expect(fixture.arrived("big.dat") == [7])
    }

    @Test func aPlantedLinkIsNotFollowed() async throws {
        let fixture = try WholeFileFixture()
        try fixture.put([1, 2, 3], at: "a")
        let source = LocalTransport(root: fixture.from)
        let status = try #require(try await source.status(of: wholeFilePath("a")))
        let partial = try fixture.transfer().partialPath(for: wholeFilePath("a"), status: status)
        try await fixture.destination.createFolder(wholeFilePath(".voxsite-partial"))
        let outside = fixture.directory.path + "/outside"
        try AtomicFile.write([9], to: outside)
        for place in [partial.below(fixture.to), fixture.to + "/a"] {
            try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: outside)
        }
        _ = try await fixture.transfer().transfer(
            wholeFilePath("a"),
            from: source,
            to: fixture.destination,
            as: wholeFilePath("a")
        )
        #expect(fixture.arrived("a") == [1, 2, 3])
        #expect(FileIdentity.find(fixture.to + "/a", followingSymbolicLinks: false)?.kind == .file)
        #expect(try OpenFile.reading(outside).readAll() == [9])
    }

    @Test func onlyWhatChangedIsTakenFromTheSourceWhereBothAreHere() async throws {
        let fixture = try WholeFileFixture()
        var random = SeededRandom.fresh()
        var options = WholeFileOptions()
        options.deltaUse = .always
        let old = random.bytes(3 << 20)
        let new = random.bytes(100) + old[..<(1 << 20)] + random.bytes(500) + old[(1 << 20)...]
        try fixture.put(Array(new), at: "table.csv")
        try AtomicFile.write(old, to: fixture.to + "/table.csv")
        let outcome = try await fixture.transfer(options: options).transfer(
            wholeFilePath("table.csv"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: wholeFilePath("table.csv")
        )
        #expect(fixture.arrived("table.csv") == Array(new), "\(random)")
        #expect(outcome.received.carriedByteCount < 20_000)
        #expect(outcome.received.verification == .sha256)
        // Weights never go this way.
        try fixture.put(Array(new), at: "w.bin")
        try AtomicFile.write(old, to: fixture.to + "/w.bin")
        let weights = try await fixture.transfer(options: options).transfer(
            wholeFilePath("w.bin"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: wholeFilePath("w.bin")
        )
        #expect(weights.received.carriedByteCount == new.count)
    }

    @Test func longNamesFitIntoThePartialFolder() async throws {
        let fixture = try WholeFileFixture()
        let name = String(repeating: "n", count: 255)
        try fixture.put([1], at: name)
        _ = try await fixture.transfer().transfer(
            wholeFilePath(name),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            as: wholeFilePath(name)
        )
        #expect(fixture.names == [name])
    }

    @Test func aNewNameCanBeDemanded() async throws {
        let fixture = try WholeFileFixture()
        try fixture.put([1], at: "a")
        try AtomicFile.write([2], to: fixture.to + "/b")
        let transfer = fixture.transfer()
        let received = try await transfer.receive(
            wholeFilePath("a"),
            from: LocalTransport(root: fixture.from),
            to: fixture.destination,
            near: wholeFilePath("a")
        )
        await #expect(throws: CollectorError.exists(fixture.to + "/b")) {
            try await transfer.install(
                received,
                on: fixture.destination,
                as: wholeFilePath("b"),
                replacing: false
            )
        }
        try await transfer.install(
            received,
            on: fixture.destination,
            as: wholeFilePath("c"),
            replacing: false
        )
        #expect(fixture.names == ["b", "c"])
    }
}

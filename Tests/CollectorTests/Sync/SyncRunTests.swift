@testable import Collector
import Files
import Foundation
import Synchronization
import Testing
import TestSupport

/// Where `voxsite sync` is more careful than rsync.
@Suite struct SyncRunTests {
    @Test func logsAreContinuedInPlaceAndNeverRemoved() async throws {
        let fixture = try SyncFixture()
        try fixture.put("one\ntwo\n", at: "from/run/metrics.jsonl", seconds: 1_700_000_005)
        try fixture.put("one\n", at: "to/run/metrics.jsonl")
        try fixture.put("gone at the source\n", at: "to/old/train.log")
        try fixture.put("x", at: "to/old/other")
        let before = try FileIdentity(ofFileAt: fixture.path + "/to/run/metrics.jsonl").inode
        let outcome = try await fixture.sync(["-ai", "--delete", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 0)
        #expect(outcome.output.contains(">f.st...... run/metrics.jsonl"))
        #expect(outcome.output.contains("*deleting   old/other"))
        #expect(outcome.talk.contains { $0.contains("old/train.log: kept") })
        #expect(
            try fixture.tree("to", withTimes: false, withModes: false).map { $0.split(separator: " ")[0] }
                == ["old", "old/train.log", "run", "run/metrics.jsonl"]
        )
        let after = try FileIdentity(ofFileAt: fixture.path + "/to/run/metrics.jsonl")
        #expect(after.inode == before, "a reader that has the file open sees it grow")
        #expect(after.modifiedNanoseconds == 1_700_000_005_000_000_000)
        let again = try await fixture.sync(["-ai", "@:from/", "@:to"])
        #expect(again.output.isEmpty)
    }

    @Test func theCollectorsOwnNamesAreNeitherTakenNorRemoved() async throws {
        let fixture = try SyncFixture()
        for name in [".voxsite/journal.jsonl", "d/.voxsite-partial/x.1-2.part", "a"] {
            try fixture.put("theirs", at: "from/" + name)
        }
        try fixture.put("theirs, longer", at: "from/metrics.jsonl.gen0001")
        for name in [
            ".voxsite/journal.jsonl", ".voxsite-partial/y.1-2.part", "metrics.jsonl.gen0001",
            "old.log.gen0002.at17",
        ] {
            try fixture.put("ours", at: "to/" + name)
        }
        let outcome = try await fixture.sync(["-a", "--delete", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 23)
        #expect(outcome.talk.contains { $0.contains("never overwritten") })
        for name in [
            ".voxsite/journal.jsonl", ".voxsite-partial/y.1-2.part", "metrics.jsonl.gen0001",
            "old.log.gen0002.at17",
        ] {
            #expect(try OpenFile.reading(fixture.path + "/to/" + name).readAll() == Array("ours".utf8))
        }
    }

    @Test func anEmptiedSourceStopsDeleting() async throws {
        let fixture = try SyncFixture()
        try FileSystem.createDirectories(fixture.path + "/from")
        try fixture.put("x", at: "to/kept")
        let outcome = try await fixture.sync(["-a", "--delete", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 25)
        #expect(try fixture.tree("to").count == 1)
        let missing = try await fixture.sync(["-a", "--delete", "@:none/", "@:to"])
        #expect(missing.result.exitStatus != 0)
        #expect(try fixture.tree("to").count == 1)
    }

    @Test func aPartlyUnreadableSourceStopsDeleting() async throws {
        let fixture = try SyncFixture()
        try fixture.put("x", at: "from/a")
        try fixture.put("x", at: "from/bad\nname")
        try fixture.put("x", at: "to/kept")
        let outcome = try await fixture.sync(["-ai", "--delete", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 23)
        #expect(outcome.output.contains(">f+++++++++ a"))
        #expect(FileIdentity.find(fixture.path + "/to/kept") != nil)
    }

    @Test func maxDeleteRemovesThatManyAndSaysSo() async throws {
        let fixture = try SyncFixture()
        try fixture.put("x", at: "from/a")
        for name in ["1", "2", "3"] { try fixture.put("x", at: "to/" + name) }
        let outcome = try await fixture.sync(["-ai", "--delete", "--max-delete=2", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 25)
        #expect(try fixture.tree("to").map { $0.split(separator: " ")[0] } == ["1", "a"])
    }

    @Test func aTornCheckpointIsAProblemAndTheRestIsCarried() async throws {
        let fixture = try SyncFixture()
        var random = SeededRandom(seed: 4)
        let good = ZipFixture.checkpoint { random.bytes(3_000) }.bytes
        try fixture.put("x", at: "from/a")
        try AtomicFile.write(good, to: fixture.path + "/from/good.pt")
        try AtomicFile.write(Array(good.dropLast(50)), to: fixture.path + "/from/torn.pt")
        let outcome = try await fixture.sync(["-ai", "--stats", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 23)
        #expect(
            try fixture.tree("to").map { $0.split(separator: " ")[0] } == ["a", "good.pt"],
            "and no partial folder is left"
        )
        #expect(outcome.output.contains("Verified: sha256: 2"))
        #expect(outcome.talk.contains { $0.contains("half-written") })
    }

    @Test func anInterruptionKeepsWhatIsThere() async throws {
        let fixture = try SyncFixture()
        var random = SeededRandom(seed: 1)
        let bytes = random.bytes(50_000)
        try FileSystem.createDirectories(fixture.path + "/from")
        try AtomicFile.write(bytes, to: fixture.path + "/from/big")
        let fixturePath = fixture.path
        let outcome = try await fixture.sync(["-ai", "@:from/", "@:to"]) { location in
            guard location.path.hasSuffix("from") else { return LocalTransport(root: location.path) }
            return ScriptedTransport(fixturePath + "/from") { _, offset in
                if offset >= 30_000 { throw CancellationError() }
            }
        }
        #expect(outcome.result.exitStatus == 20)
        #expect(outcome.talk.contains { $0.hasPrefix("interrupted: 0 files") })
        let again = try await fixture.sync(["-ai", "--stats", "@:from/", "@:to"])
        #expect(again.output.contains("Matched data: 30,000 bytes"))
        #expect(try fixture.tree("to").count == 1)
    }

    @Test func aBrokenConnectionEndsTheSyncWithItsOwnStatus() async throws {
        for (error, status): (CollectorError, Int32) in [
            (.stream("gpu", reason: "cut"), 12), (.timeout("gpu", seconds: 5), 30),
            (.connectTimeout(host: "gpu", seconds: 5), 35), (.connection(host: "gpu", reason: "refused"), 10),
            (.hostKeyChanged(host: "gpu", pinned: "a", offered: "b"), 5),
        ] {
            let fixture = try SyncFixture()
            for name in ["a", "b", "c", "d", "e", "f"] { try fixture.put("x", at: "from/" + name) }
            let fixturePath = fixture.path
            let outcome = try await fixture.sync(["-ai", "@:from/", "@:to"]) { location in
                guard location.path.hasSuffix("from") else { return LocalTransport(root: location.path) }
                return ScriptedTransport(fixturePath + "/from") { _, _ in throw error }
            }
            #expect(outcome.result.exitStatus == status)
            #expect(outcome.result.failure == error)
        }
    }

    @Test func whatVanishesMeanwhileGives24() async throws {
        let fixture = try SyncFixture()
        for name in ["a", "b"] { try fixture.put("x", at: "from/" + name) }
        let fixturePath = fixture.path
        let outcome = try await fixture.sync(["-ai", "@:from/", "@:to"]) { location in
            guard location.path.hasSuffix("from") else { return LocalTransport(root: location.path) }
            return ScriptedTransport(fixturePath + "/from") { path, _ in
                if path.string == "a" { throw CollectorError.vanished("a") }
            }
        }
        #expect(outcome.result.exitStatus == 24)
        #expect(outcome.output.contains(">f+++++++++ b"))
    }

    @Test func aFullDiskGives11() async throws {
        let fixture = try SyncFixture()
        let to = fixture.path + "/to"
        try FileSystem.createDirectories(to)
        guard geteuid() == 0, mount("tmpfs", to, "tmpfs", 0, "size=64k") == 0 else {
            print("SKIPPED aFullDiskGives11: mounting a tmpfs needs root")
            return
        }
        defer { umount(to) }
        try fixture.put(String(repeating: "x", count: 200_000), at: "from/big")
        let outcome = try await fixture.sync(["-ai", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 11)
        #expect(outcome.talk.contains { $0.contains("No space left on device") })
    }

    @Test func linksAreNeitherFollowedNorWrittenThrough() async throws {
        let fixture = try SyncFixture()
        try fixture.put("secret", at: "outside/secret")
        try fixture.put("x", at: "from/d/secret")
        try fixture.put("x", at: "from/f")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: fixture.path + "/from/l", withDestinationPath: "../outside")
        try FileSystem.createDirectories(fixture.path + "/to")
        try manager.createSymbolicLink(atPath: fixture.path + "/to/d", withDestinationPath: "../outside")
        try manager.createSymbolicLink(
            atPath: fixture.path + "/to/f",
            withDestinationPath: "../outside/secret"
        )
        let outcome = try await fixture.sync(["-ai", "@:from/", "@:to"])
        #expect(outcome.result.exitStatus == 0)
        #expect(
            try fixture.tree("to", withTimes: false, withModes: false).map { $0.split(separator: " ")[1] }
                == ["directory", "file", "file"],
            "the links themselves are replaced, as by rsync"
        )
        #expect(try OpenFile.reading(fixture.path + "/outside/secret").readAll() == Array("secret".utf8))
    }

    @Test func aShorterFileIsContinuedAndAWrongBeginningIsNot() async throws {
        let fixture = try SyncFixture()
        let text = String(repeating: "0123456789", count: 1_000)
        try fixture.put(text, at: "from/a.txt")
        try fixture.put(String(text.prefix(4_000)), at: "to/a.txt")
        let good = try await fixture.sync(["-ai", "--stats", "--append-verify", "@:from/", "@:to"])
        #expect(good.output.contains("Literal data: 6,000 bytes"))
        #expect(try OpenFile.reading(fixture.path + "/to/a.txt").readAll() == Array(text.utf8))
        // Wrong long before the overlap, so only the hash of the whole tells.
        let long = String(repeating: "0123456789", count: 300_000)
        try fixture.put(long, at: "from/b.txt")
        try fixture.put("X" + String(long.dropFirst().prefix(2_000_000)), at: "to/b.txt")
        let bad = try await fixture.sync(["-ai", "--append-verify", "@:from/", "@:to"])
        #expect(bad.result.exitStatus == 0)
        #expect(try OpenFile.reading(fixture.path + "/to/b.txt").readAll() == Array(long.utf8))
    }

    @Test func everyLineOfJSONIsAnObject() async throws {
        let fixture = try SyncFixture()
        try fixture.put("x", at: "from/a\"b")
        let outcome = try await fixture.sync(["-a", "--json", "@:from/", "@:to"])
        let objects = try outcome.output.map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(objects.contains { $0["path"] as? String == "a\"b" && $0["verified"] as? String == "sha256" })
        #expect(objects.last?["exit"] as? Int == 0)
    }

    @Test func theLogFileNotesEverything() async throws {
        let fixture = try SyncFixture()
        try fixture.put("x", at: "from/a")
        let log = fixture.path + "/log"
        _ = try await fixture.sync(["-aq", "--log-file=" + log, "@:from/", "@:to"])
        let text = String(decoding: try OpenFile.reading(log).readAll(), as: UTF8.self)
        #expect(text.contains("] >f+++++++++ a\n"))
        #expect(text.contains("] total size is 1"))
    }

    @Test func wholeSecondsOfTheOtherSideAreEnough() async throws {
        let fixture = try SyncFixture()
        try fixture.put("x", at: "from/a")
        try fixture.put("y", at: "to/a")
        let times = [
            timespec(tv_sec: 1_700_000_000, tv_nsec: 5), timespec(tv_sec: 1_700_000_000, tv_nsec: 5),
        ]
        utimensat(AT_FDCWD, fixture.path + "/from/a", times, 0)
        let fixturePath = fixture.path
        let coarse = try await fixture.sync(["-ai", "@:from/a", "@:to/"]) { location in
            guard location.path.hasSuffix("from") else { return LocalTransport(root: location.path) }
            return ScriptedTransport(fixturePath + "/from", without: .fineTimes)
        }
        #expect(coarse.output.isEmpty)
        // Between two ends that tell nanoseconds a rewrite within one second is seen.
        let fine = try await fixture.sync(["-ai", "@:from/a", "@:to/"])
        #expect(fine.output == [">f..t...... a"])
    }
}

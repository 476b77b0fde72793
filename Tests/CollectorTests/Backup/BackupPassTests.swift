import Files
import Foundation
import RunRecords
import TestSupport
import Testing

@testable import Collector

@Suite struct BackupPassTests {
    private let fixture: BackupFixture

    init() throws { fixture = try BackupFixture() }

    private func expectOldBest(_ report: BackupReport, _ old: [UInt8]) {
        #expect(!report.isVerified)
        #expect(fixture.kept("best.pt") == old)
        #expect(fixture.events.last?["ok"]?.bool == false)
    }

    @Test("A half-written checkpoint never becomes best, with or without hashes of the source")
    func halfWritten() async throws {
        for missing in [TransportCapabilities(), .hash] {
            let old = BackupFixture.checkpoint(1)
            try fixture.put(old, "best.pt")
            #expect(try await fixture.pass(fixture.environment(without: missing)).isVerified)
            let new = BackupFixture.checkpoint(2)
            for length in [0, 1, 100, new.count / 2, new.count - 1] {
                try fixture.put(Array(new.prefix(length)), "best.pt")
                expectOldBest(try await fixture.pass(fixture.environment(without: missing)), old)
            }
            // Space that was reserved and not written yet.
            try fixture.put([UInt8](repeating: 0, count: new.count), "best.pt")
            expectOldBest(try await fixture.pass(fixture.environment(without: missing)), old)
        }
    }

    @Test("A torn checkpoint, whole at its end and wrong inside, never becomes best")
    func torn() async throws {
        for missing in [TransportCapabilities(), .hash] {
            let old = BackupFixture.checkpoint(1)
            try fixture.put(old, "best.pt")
            #expect(try await fixture.pass(fixture.environment(without: missing)).isVerified)
            var new = BackupFixture.checkpoint(2)
            for index in 700..<800 { new[index] = 0 }
            try fixture.put(new, "best.pt")
            expectOldBest(try await fixture.pass(fixture.environment(without: missing)), old)
        }
    }

    @Test("A checkpoint of the same size that is replaced while it is fetched comes whole, as old or as new")
    func replacedMeanwhile() async throws {
        for missing in [TransportCapabilities(), .hash, [.hash, .inode, .fineTimes]] {
            let fixture = try BackupFixture()
            let (old, new) = (BackupFixture.checkpoint(1), BackupFixture.checkpoint(2))
            #expect(old.count == new.count)
            try fixture.put(old, "best.pt")
            let isReplaced = Mutexed(false)
            let source = ScriptedTransport(fixture.source, without: missing, pieceLength: 100) {
                path,
                offset in
                guard offset > 500, !isReplaced.value, path.string == "best.pt" else { return }
                isReplaced.update { $0 = true }
                try fixture.put(new, "best.pt")
            }
            var environment = fixture.environment()
            environment.open = { _ in source }
            let report = try await fixture.pass(environment)
            #expect(isReplaced.value)
            #expect(report.isVerified, "\(report)")
            #expect(fixture.kept("best.pt") == new)
        }
    }

    @Test("Where the newest step is torn, an older whole one is saved, and the pass still says so")
    func fallsBack() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "step_100.pt")
        try fixture.put(BackupFixture.checkpoint(2), "step_200.pt")
        try fixture.put(Array(BackupFixture.checkpoint(3).dropLast(9)), "step_300.pt")
        let report = try await fixture.pass()
        #expect(!report.isVerified)
        #expect(fixture.kept("newest_step.pt") == BackupFixture.checkpoint(2))
        #expect(fixture.names.count == 2)
    }

    @Test("The level of verification is always stated: in the manifest, in the event, in words")
    func levels() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        try fixture.put(SafetensorsFixture.valid, "step_1.safetensors")
        try fixture.put(Array("epoch 0\n".utf8), "epoch_history.log")
        let report = try await fixture.pass(fixture.environment(without: .hash))
        #expect(report.isVerified, "\(report)")
        let levels = try BackupManifest.read(folder: fixture.folder).live.map {
            "\($0.path) \($0.verification.rawValue)"
        }
        #expect(
            levels == [
                "epoch_history.log read twice", "best.pt structure and checksums",
                "step_1.safetensors structure only",
            ]
        )
        #expect(
            fixture.events.map { $0["message"]?.string } == [
                "verified: read twice, the same both times", "verified: structure and checksums",
                "verified: size+structure only",
            ]
        )
    }

    @Test("Each attempt is an event of the run, with the path by which its own log knows the checkpoint")
    func events() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "runs/run/checkpoints/best.pt")
        var job = fixture.job
        job.source = Location(path: fixture.source + "/runs/run/checkpoints")
        let environment = fixture.environment()
        let store = try await fixture.open()
        _ = try await BackupPass(job: job, environment: environment, store: store, isFinal: false).run()
        let event = try #require(fixture.events.first)
        #expect(event["event"]?.string == "backup" && event["path"]?.string == "checkpoints/best.pt")
        let hash = SHA256Value(hashing: BackupFixture.checkpoint(1))
        #expect(event["destination"]?.string == "\(fixture.folder)/best.\(hash.hex.prefix(12)).pt")
        #expect(event["ok"]?.bool == true && event["verification"]?.string == "sha256")
        #expect(event["sha256"]?.string == hash.hex)
        #expect(event["bytes"]?.number == Double(BackupFixture.checkpoint(1).count))
        #expect(event["time"]?.number != nil && event["seconds"]?.number != nil)
        // An unchanged file is no attempt; a host that does not answer is one.
        _ = try await BackupPass(job: job, environment: environment, store: store, isFinal: false).run()
        #expect(fixture.events.count == 1)
        var broken = environment
        broken.open = { _ in throw CollectorError.connection(host: "gpu", reason: "refused") }
        let report = try await BackupPass(job: job, environment: broken, store: store, isFinal: false).run()
        #expect(!report.isVerified)
        #expect(fixture.events.last?["path"]?.string == "checkpoints")
        #expect(fixture.events.last?["message"]?.string?.contains("refused") ?? false)
        #expect(!fixture.directory.exists("runs/run/metrics.jsonl"))
    }

    @Test("A log that grows meanwhile is kept as it was at one moment")
    func growingLog() async throws {
        try fixture.put(Array("epoch 0\n".utf8), "epoch_history.log")
        for missing in [TransportCapabilities(), .hash] {
            let before = try fixture.directory.read("source/epoch_history.log")
            let source = ScriptedTransport(fixture.source, without: missing) { [fixture] _, _ in
                try fixture.directory.append("more\n", to: "source/epoch_history.log")
            }
            var environment = fixture.environment()
            environment.open = { _ in source }
            #expect(try await fixture.pass(environment).isVerified)
            #expect(fixture.kept("epoch_history.log") == before)
        }
    }

    @Test("A history that is rewritten while it is read is not kept as a mixture")
    func rewrittenLog() async throws {
        try fixture.put([UInt8](repeating: 0x61, count: 3000), "epoch_history.log")
        let source = ScriptedTransport(fixture.source, without: .hash, pieceLength: 1000) {
            [fixture] _, offset in
            if offset == 1000 { try fixture.put([UInt8](repeating: 0x62, count: 3000), "epoch_history.log") }
        }
        var environment = fixture.environment()
        environment.open = { _ in source }
        let report = try await fixture.pass(environment)
        #expect(!report.isVerified)
        #expect(fixture.names.isEmpty)
        #expect(try await fixture.pass().isVerified)
    }

    @Test("Links, names that lead away and unreadable folders are reported, the rest is saved")
    func hostile() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        try FileManager.default.createSymbolicLink(
            atPath: "\(fixture.source)/final.pt",
            withDestinationPath: "/etc/passwd"
        )
        try fixture.put(BackupFixture.checkpoint(2), "manifest.jsonl/best.pt")
        try fixture.put(BackupFixture.checkpoint(3), "best.0123456789ab.pt")
        let report = try await fixture.pass()
        #expect(!report.isVerified && report.problems.count == 1)
        #expect(fixture.names.count == 2)
        #expect(fixture.kept("best.pt") == BackupFixture.checkpoint(1))
    }

    @Test("A source without checkpoints is no failure; one that is missing is")
    func empty() async throws {
        let report = try await fixture.pass()
        #expect(report.isVerified && report.description.contains("no checkpoints there yet"))
        try fixture.directory.remove("source")
        #expect(try await !fixture.pass().isVerified)
    }

    @Test("A host that breaks off ends the pass; what came before is kept, the rest comes next time")
    func breaksOff() async throws {
        try fixture.put(Array("epoch 0\n".utf8), "epoch_history.log")
        try fixture.put(BackupFixture.checkpoint(1, byteCount: 200_000), "best.pt")
        try fixture.put(BackupFixture.checkpoint(2), "step_1.pt")
        let source = ScriptedTransport(fixture.source, pieceLength: 1000) { path, offset in
            if path.string == "best.pt", (90_000...110_000).contains(offset) {
                throw CollectorError.stream("gpu", reason: "reset")
            }
        }
        var environment = fixture.environment()
        environment.open = { _ in source }
        let report = try await fixture.pass(environment)
        #expect(report.files.map(\.path.string) == ["epoch_history.log", "best.pt"])
        #expect(report.failure == .stream("gpu", reason: "reset"))
        #expect(fixture.kept("epoch_history.log") == Array("epoch 0\n".utf8))
        #expect(try await fixture.pass().isVerified)
        #expect(fixture.names.count == 6)
    }
}

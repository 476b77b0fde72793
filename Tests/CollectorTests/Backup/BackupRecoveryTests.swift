import Files
import Synchronization
import TestSupport
import Testing

@testable import Collector

private struct Killed: Error {}

@Suite struct BackupRecoveryTests {
    /// What must hold whenever a store was opened: manifest and files agree, aliases lead to verified contents.
    private func expectSound(_ fixture: BackupFixture, _ comment: String) async throws {
        let store = try await fixture.open()
        let manifest = await store.manifest
        let folder = StoreFolder(path: fixture.folder)
        for entry in manifest.live {
            #expect(try folder.isIntact(entry), "\(entry.name) \(comment)")
            #expect(entry.isVerified, "\(comment)")
        }
        let live = Set(manifest.live.map(\.name))
        for name in try folder.files() where BackupStore.isContentPath(name) {
            #expect(live.contains(name), "\(name) \(comment)")
        }
        for (alias, entry) in manifest.aliases {
            #expect(folder.file(alias)?.inode == folder.file(entry.name)?.inode, "\(alias) \(comment)")
        }
        for alias in manifest.everyAlias where folder.file(alias) != nil {
            #expect(manifest.aliases[alias] != nil, "\(alias) \(comment)")
        }
        let hidden = try DirectoryTree.names(in: fixture.folder).map(\.name).filter {
            $0.hasPrefix(StoreFolder.temporaryPrefix)
        }
        #expect(hidden.isEmpty, "\(comment)")
    }

    /// An alias may be old after a kill, but what it leads to is always whole: never checked by opening first.
    private func expectWholeAliases(_ fixture: BackupFixture, _ known: Set<SHA256Value>, _ comment: String) {
        for alias in ["best.pt", "newest_step.pt", "epoch_history.log"] {
            guard let bytes = fixture.kept(alias) else { continue }
            #expect(known.contains(SHA256Value(hashing: bytes)), "\(alias) \(comment)")
        }
    }

    @Test("Killed at every step of every pass, a restart finds manifest and files in agreement, and goes on")
    func killedEverywhere() async throws {
        // How many steps are there?
        let total = Mutexed(0)
        _ = try await history(BackupFixture(inMemory: true), atStep: { _ in total.update { $0 += 1 } })
        let count = total.value
        #expect(count > 30)
        for victim in 0..<count {
            let fixture = try BackupFixture(inMemory: true)
            let position = Mutexed(0)
            let known = try await history(fixture) { step in
                let isVictim = position.update { position in
                    position += 1
                    return position == victim + 1
                }
                if isVictim { throw Killed() }
            } afterKill: { known in
                expectWholeAliases(fixture, known, "killed at \(victim)")
                try await expectSound(fixture, "killed at \(victim)")
            }
            expectWholeAliases(fixture, known, "after \(victim)")
            try await expectSound(fixture, "after \(victim)")
            #expect(fixture.kept("best.pt") == BackupFixture.checkpoint(103), "killed at \(victim)")
            #expect(fixture.kept("newest_step.pt") == BackupFixture.checkpoint(3), "killed at \(victim)")
        }
    }

    /// A short run: three passes over changing checkpoints, each repeated where it is killed.
    private func history(
        _ fixture: BackupFixture,
        atStep: @escaping @Sendable (StoreStep) throws -> Void,
        afterKill: (Set<SHA256Value>) async throws -> Void = { _ in }
    ) async throws -> Set<SHA256Value> {
        var known: Set<SHA256Value> = []
        for step in 1...3 {
            let files: [(String, [UInt8])] = [
                ("step_\(step).pt", BackupFixture.checkpoint(UInt64(step))),
                // The second is the same as the step beside it.
                ("best.pt", BackupFixture.checkpoint(step == 2 ? 2 : UInt64(100 + step))),
                ("epoch_history.log", Array("epoch \(step)\n".utf8)),
            ]
            for (name, bytes) in files {
                try fixture.put(bytes, name)
                known.insert(SHA256Value(hashing: bytes))
            }
            var environment = fixture.environment()
            environment.atStep = atStep
            do {
                let report = try await tight(fixture, environment)
                #expect(report.isVerified, "\(report)")
            } catch is Killed {
                try await afterKill(known)
                let report = try await tight(fixture, environment)
                #expect(report.isVerified, "\(report)")
            }
        }
        return known
    }

    /// A pass that keeps one copy of each, so that pruning is part of it.
    private func tight(
        _ fixture: BackupFixture,
        _ environment: BackupEnvironment
    ) async throws -> BackupReport {
        let store = try await BackupStore.open(
            fixture.folder,
            now: environment.wallClock,
            atStep: environment.atStep
        )
        var job = fixture.job
        job.retention = Retention(keptStepCount: 1, keptBestCount: 1)
        return try await BackupPass(job: job, environment: environment, store: store, isFinal: false).run()
    }

    @Test("What was verified and named before the end is taken up, not carried again")
    func takenUp() async throws {
        let fixture = try BackupFixture()
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        var environment = fixture.environment(without: .hash)
        environment.atStep = { if $0 == .named { throw Killed() } }
        await #expect(throws: Killed.self) { try await fixture.pass(environment) }
        let source = ScriptedTransport(fixture.source, without: .hash)
        environment.atStep = { _ in }
        environment.open = { _ in source }
        #expect(try await fixture.pass(environment).isVerified)
        #expect(source.deliveredByteCount == 0)
        #expect(fixture.kept("best.pt") == BackupFixture.checkpoint(1))
    }

    @Test("A content name that somebody removed is restored from its alias")
    func healed() async throws {
        let fixture = try BackupFixture()
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        _ = try await fixture.pass()
        let name = try #require(fixture.names.first { $0 != "best.pt" })
        try FileSystem.removeFile("\(fixture.folder)/\(name)")
        try await expectSound(fixture, "")
        #expect(fixture.kept(name) == BackupFixture.checkpoint(1))
    }

    @Test("Lost and cut contents are recorded as lost, and fetched again")
    func lost() async throws {
        for isCut in [true, false] {
            let fixture = try BackupFixture()
            let bytes = BackupFixture.checkpoint(1)
            try fixture.put(bytes, "best.pt")
            _ = try await fixture.pass()
            let name = try #require(fixture.names.first { $0 != "best.pt" })
            if isCut {
                try AtomicFile.write([1, 2, 3], to: "\(fixture.folder)/\(name)")
            }
            try FileSystem.removeFile("\(fixture.folder)/\(isCut ? "best.pt" : name)")
            if !isCut { try FileSystem.removeFile("\(fixture.folder)/best.pt") }
            try await expectSound(fixture, "cut: \(isCut)")
            #expect(try BackupManifest.read(folder: fixture.folder).live.isEmpty)
            #expect(try await fixture.pass().isVerified)
            #expect(fixture.kept("best.pt") == bytes)
        }
    }

    @Test("A file that nothing vouches for is put aside")
    func stray() async throws {
        let fixture = try BackupFixture()
        try fixture.directory.write("x", to: "backups/job/best.0123456789ab.pt")
        try await expectSound(fixture, "")
        #expect(fixture.names.isEmpty)
        #expect(try DirectoryTree.walk("\(fixture.folder)/quarantine").count == 1)
    }
}

import Files
import RunRecords
import TestSupport
import Testing

@testable import Collector

@Suite struct BackupStoreTests {
    private let fixture: BackupFixture

    init() throws { fixture = try BackupFixture() }

    @Test("A checkpoint is kept under its hash, its alias leads to it, and the manifest says what it is")
    func keeps() async throws {
        let bytes = BackupFixture.checkpoint(1)
        try fixture.put(bytes, "best.pt")
        let report = try await fixture.pass()
        #expect(report.isVerified, "\(report)")
        let hash = SHA256Value(hashing: bytes)
        let name = "best.\(hash.hex.prefix(12)).pt"
        #expect(fixture.names == [name, "best.pt"].sorted())
        #expect(fixture.kept(name) == bytes && fixture.kept("best.pt") == bytes)
        let manifest = try BackupManifest.read(folder: fixture.folder)
        let entry = try #require(manifest.live.first)
        #expect(entry.sha256 == hash && entry.verification == .sha256 && entry.kind == .best)
        #expect(entry.byteCount == bytes.count && entry.path.string == "best.pt")
        #expect(entry.source == fixture.source)
        #expect(try #require(manifest.lastSuccess) > 0)
    }

    @Test("What has not changed is not fetched again")
    func unchanged() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        _ = try await fixture.pass()
        let source = ScriptedTransport(fixture.source)
        var environment = fixture.environment()
        environment.open = { _ in source }
        let report = try await fixture.pass(environment)
        guard case .unchanged = report.files.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        #expect(source.deliveredByteCount == 0)
    }

    @Test("Neither is it over a transport whose listings tell no times")
    func coarseListing() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        let source = CoarseTransport(ScriptedTransport(fixture.source, without: .hash))
        var environment = fixture.environment()
        environment.open = { _ in source }
        #expect(try await fixture.pass(environment).isVerified)
        let delivered = source.base.deliveredByteCount
        #expect(try await fixture.pass(environment).isVerified)
        #expect(source.base.deliveredByteCount == delivered)
    }

    @Test("The same contents under several names and at several times lie on the disk once")
    func oneCopy() async throws {
        let (first, second) = (BackupFixture.checkpoint(1), BackupFixture.checkpoint(2))
        try fixture.put(first, "best.pt")
        try fixture.put(first, "step_100.pt")
        try fixture.put(first, "stage2/best.pt")
        let source = ScriptedTransport(fixture.source)
        var environment = fixture.environment()
        environment.open = { _ in source }
        let report = try await fixture.pass(environment)
        #expect(report.isVerified, "\(report)")
        // Once, and the looks at its structure.
        #expect(source.deliveredByteCount < first.count + 8000)
        let inodes = Set(fixture.names.compactMap { FileIdentity.find("\(fixture.folder)/\($0)")?.inode })
        #expect(inodes.count == 1)
        // Away and back: the older contents are found again.
        try fixture.put(second, "best.pt")
        _ = try await fixture.pass(environment)
        #expect(fixture.kept("best.pt") == second)
        try fixture.put(first, "best.pt")
        let delivered = source.deliveredByteCount
        let third = try await fixture.pass(environment)
        #expect(third.isVerified)
        #expect(fixture.kept("best.pt") == first)
        #expect(source.deliveredByteCount == delivered)
        #expect(
            try BackupManifest.read(folder: fixture.folder).newest(from: RelativePath(validating: "best.pt"))?
                .sha256
                == SHA256Value(hashing: first)
        )
    }

    @Test("A file that cannot be verified is put aside and stated, and never becomes best")
    func quarantine() async throws {
        // The pickle format of torch before 1.6 notes nothing that tells whether it is whole.
        try fixture.put([0x80, 2] + [UInt8](repeating: 7, count: 500), "best.pt")
        let environment = fixture.environment(without: .hash)
        for _ in 0..<2 {
            let report = try await fixture.pass(environment)
            #expect(!report.isVerified)
            #expect(report.firstError?.description.contains("only its size is known to be right") ?? false)
            #expect(fixture.kept("best.pt") == nil)
        }
        let aside = try DirectoryTree.walk("\(fixture.folder)/quarantine").map(\.path.string)
        #expect(aside.count == 1)
        #expect(try BackupManifest.read(folder: fixture.folder).live.isEmpty)
        #expect(fixture.events.last?["ok"]?.bool == false)
        // Many states do not fill the disk.
        for state in 0..<5 {
            try fixture.put([0x80, 2] + [UInt8](repeating: UInt8(state), count: 400), "best.pt")
            _ = try await fixture.pass(environment)
        }
        #expect(try DirectoryTree.walk("\(fixture.folder)/quarantine").count == 2)
        // As soon as the source's host can hash it, it is a backup.
        let report = try await fixture.pass(fixture.environment())
        #expect(report.isVerified, "\(report)")
        #expect(fixture.kept("best.pt")?.count == 402)
    }

    @Test("Old copies go after newer verified ones are there, and are recorded")
    func prunes() async throws {
        for step in 1...6 {
            try fixture.put(BackupFixture.checkpoint(UInt64(step)), "step_\(step).pt")
            try fixture.put(BackupFixture.checkpoint(UInt64(100 + step)), "best.pt")
            #expect(try await fixture.pass().isVerified)
        }
        let manifest = try BackupManifest.read(folder: fixture.folder)
        #expect(manifest.live.filter { $0.kind == .step }.map(\.step) == [4, 5, 6])
        #expect(manifest.live.filter { $0.kind == .best }.count == 2)
        #expect(manifest.last.values.filter { $0.action == .pruned }.count == 3 + 4)
        #expect(fixture.names.count == 5 + 2)
        #expect(fixture.kept("newest_step.pt") == BackupFixture.checkpoint(6))
    }

    @Test("A copy that is missing protects nothing from being pruned away with it")
    func prunesByWhatIsThere() async throws {
        for step in 1...2 {
            try fixture.put(BackupFixture.checkpoint(UInt64(step)), "step_\(step).pt")
            _ = try await fixture.pass()
        }
        let store = try await fixture.open()
        for name in fixture.names where name.hasPrefix("step_2.") || name.hasPrefix("newest") {
            try FileSystem.removeFile("\(fixture.folder)/\(name)")
        }
        #expect(try await store.prune(Retention(keptStepCount: 1)).isEmpty)
        #expect(fixture.names.contains { $0.hasPrefix("step_1.") })
    }

    @Test("What transfers left behind goes when everything is here, and not before")
    func partials() async throws {
        try fixture.put(BackupFixture.checkpoint(1, byteCount: 200_000), "step_1.pt")
        let source = ScriptedTransport(fixture.source, pieceLength: 1000) { path, offset in
            if offset > 90_000, offset < 110_000 { throw CollectorError.stream("gpu", reason: "reset") }
        }
        var environment = fixture.environment()
        environment.open = { _ in source }
        #expect(try await !fixture.pass(environment).isVerified)
        let folder = "\(fixture.folder)/.voxsite-partial"
        #expect(try DirectoryTree.names(in: folder).count == 1)
        // The trainer has removed the step meanwhile.
        try fixture.directory.remove("source/step_1.pt")
        try fixture.put(BackupFixture.checkpoint(2), "step_2.pt")
        #expect(try await fixture.pass().isVerified)
        #expect(FileIdentity.find(folder) == nil)
    }

    @Test("Two backups do not work in one folder at once")
    func lock() async throws {
        let store = try await fixture.open()
        await #expect(throws: CollectorError.self) { try await fixture.open() }
        _ = await store.lastSuccess
    }

    @Test("Damaged contents are not taken for a copy of what the source has")
    func damagedTwin() async throws {
        let bytes = BackupFixture.checkpoint(1)
        try fixture.put(bytes, "best.pt")
        _ = try await fixture.pass()
        let name = try #require(fixture.names.first { $0 != "best.pt" })
        try flip("\(fixture.folder)/\(name)")
        try fixture.put(bytes, "step_1.pt")
        #expect(try await fixture.pass().isVerified)
        #expect(fixture.kept("newest_step.pt") == bytes)
        #expect(fixture.kept("best.pt") == nil)
        // The next pass fetches what was found to be damaged.
        #expect(try await fixture.pass().isVerified)
        #expect(fixture.kept("best.pt") == bytes)
    }
}

/// Turns one bit of a file around.
func flip(_ path: String) throws {
    var bytes = try OpenFile.reading(path).readAll()
    bytes[bytes.count / 2] ^= 1
    let file = try OpenFile(path, flags: 1)
    try file.write(bytes)
}

/// A transport whose listings tell names and sizes only, as those of SFTP do.
private struct CoarseTransport: Transport {
    let base: ScriptedTransport

    init(_ base: ScriptedTransport) { self.base = base }

    var displayName: String { base.displayName }
    var capabilities: TransportCapabilities { base.capabilities }

    func list(_ folder: RelativePath?, recursively: Bool) async throws -> Listing {
        var listing = try await base.list(folder, recursively: recursively)
        for index in listing.files.indices {
            let status = listing.files[index].status
            listing.files[index].status = FileStatus(kind: status.kind, size: status.size)
        }
        return listing
    }
    func status(of paths: [RelativePath]) async throws -> [FileStatus?] { try await base.status(of: paths) }
    func read(_ path: RelativePath, from offset: Int, count: Int, into sink: ByteSink) async throws -> Int {
        try await base.read(path, from: offset, count: count, into: sink)
    }
    func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        try await base.sha256(of: path, prefix: prefix)
    }
    func close() async {}
}

import Files
import Glibc
import TestSupport
import Testing

@testable import Collector

/// Whether a file system of a fixed size can be made for a test.
private let canMount: Bool = {
    let isRoot = geteuid() == 0
    if !isRoot { print("SKIPPED: full disks are tried as root only, on a tmpfs of their own") }
    return isRoot
}()

/// A little file system, gone with its last reference.
private final class LittleDisk: Sendable {
    let path: String

    init(_ path: String, _ options: String) throws {
        self.path = path
        guard mount("tmpfs", path, "tmpfs", 0, options) == 0 else {
            throw FilesError.system(operation: "mount", path: path, code: errno)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }
}

@Suite(.enabled(if: canMount, "needs root")) struct BackupFullDiskTests {
    private func sound(_ fixture: BackupFixture) async throws {
        let audit = try await BackupAudit(BackupArchive(fixture.folder)).run()
        #expect(audit.defects.isEmpty, "\(audit.defects)")
    }

    @Test(
        "A full disk ends the pass with the system's reason; what was kept stays, and it goes on when there is room"
    )
    func data() async throws {
        let fixture = try BackupFixture()
        try fixture.directory.createDirectory("backups")
        let disk = try LittleDisk(fixture.directory.path(of: "backups"), "size=256k")
        let old = BackupFixture.checkpoint(1, byteCount: 50_000)
        try fixture.put(old, "best.pt")
        #expect(try await fixture.pass().isVerified)
        try fixture.directory.write([UInt8](repeating: 0, count: 100_000), to: "backups/filler")
        let new = BackupFixture.checkpoint(2, byteCount: 120_000)
        try fixture.put(new, "best.pt")
        let report = try await fixture.pass()
        #expect(report.failure?.exitStatus == 11, "\(report)")
        #expect(report.description.contains("No space left on device"))
        #expect(fixture.kept("best.pt") == old)
        try await sound(fixture)
        try fixture.directory.remove("backups/filler")
        #expect(try await fixture.pass().isVerified)
        #expect(fixture.kept("best.pt") == new)
        try await sound(fixture)
        withExtendedLifetime(disk) {}
    }

    @Test("A disk without room for a name or a line of the manifest leaves manifest and files in agreement")
    func everyPage() async throws {
        // From no room at all to enough, a page at a time: the failure lands on data, manifest and folder in turn.
        var succeeded = 0
        for pages in 0...16 {
            let fixture = try BackupFixture()
            try fixture.directory.createDirectory("backups")
            let disk = try LittleDisk(fixture.directory.path(of: "backups"), "size=128k")
            try fixture.put(BackupFixture.checkpoint(1), "best.pt")
            #expect(try await fixture.pass().isVerified)
            let filler = try OpenFile("\(disk.path)/filler", flags: O_WRONLY | O_CREAT)
            let page = [UInt8](repeating: 1, count: 4096)
            while (try? filler.write(page)) != nil {}
            let size = try filler.identity().size
            #expect(ftruncate(filler.descriptor, max(0, size - pages * 4096)) == 0)
            try fixture.put(BackupFixture.checkpoint(2, byteCount: 9000), "best.pt")
            if let report = try? await fixture.pass(), report.isVerified { succeeded += 1 }
            for name in ["best.pt"] {
                let bytes = try #require(fixture.kept(name))
                #expect(
                    [1, 2].contains {
                        BackupFixture.checkpoint($0, byteCount: $0 == 1 ? 2000 : 9000) == bytes
                    }
                )
            }
            #expect(ftruncate(filler.descriptor, 0) == 0)
            _ = try await fixture.open()
            try await sound(fixture)
            #expect(try await fixture.pass().isVerified, "\(pages)")
            #expect(fixture.kept("best.pt") == BackupFixture.checkpoint(2, byteCount: 9000))
        }
        #expect((1..<17).contains(succeeded), "\(succeeded)")
    }

    @Test("A disk without room for one more file name does the same")
    func noNames() async throws {
        for count in 8...16 {
            let fixture = try BackupFixture()
            try fixture.directory.createDirectory("backups")
            let disk = try LittleDisk(fixture.directory.path(of: "backups"), "size=1m,nr_inodes=\(count)")
            try fixture.put(BackupFixture.checkpoint(1), "best.pt")
            try fixture.put(BackupFixture.checkpoint(2), "step_1.pt")
            try fixture.put(BackupFixture.checkpoint(3), "stage2/best.pt")
            for _ in 0..<2 { _ = try? await fixture.pass() }
            #expect(mount("tmpfs", disk.path, "tmpfs", UInt(MS_REMOUNT), "size=1m,nr_inodes=100") == 0)
            _ = try await fixture.open()
            try await sound(fixture)
            #expect(try await fixture.pass().isVerified)
            #expect(fixture.names.count == 6)
        }
    }

    @Test("While the disk is away or read-only the service tries again, and goes on when it is back")
    func patient() async throws {
        let fixture = try BackupFixture()
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        try fixture.directory.createDirectory("backups")
        let disk = try LittleDisk(fixture.directory.path(of: "backups"), "size=1m,ro")
        let time = SteppedTime()
        let stop = OrderlyStop()
        let reports = Mutexed(0)
        var environment = fixture.environment(time: time.time)
        environment.report = { _ in reports.update { $0 += 1 } }
        environment.fetcher = TransferFetcher(time: JumpingClock().time)
        async let ending = BackupService(jobs: [fixture.job], environment: environment).run(stop: stop)
        await time.wait { $0 == [.seconds(1.5)] }
        #expect(mount("tmpfs", disk.path, "tmpfs", UInt(MS_REMOUNT), "size=1m") == 0)
        time.advance(by: .seconds(1.5))
        await time.wait { $0.contains(.seconds(1830)) }
        stop.request()
        #expect(try await ending.isVerified)
        #expect(fixture.kept("best.pt") == BackupFixture.checkpoint(1))
    }
}

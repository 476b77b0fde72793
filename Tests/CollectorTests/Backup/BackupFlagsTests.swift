import Testing

@testable import Collector

@Suite struct BackupFlagsTests {
    @Test("A source and a destination are enough; the job is named after the run or the source's folder")
    func names() throws {
        var flags = BackupFlags(source: "gpu:/root/checkpoints/stage2/", destination: "backups")
        #expect(try flags.configuration().jobs.first?.folder == "backups/stage2")
        flags.run = "stage2-20251211"
        #expect(try flags.configuration().jobs.first?.folder == "backups/stage2-20251211")
        flags.name = "mine"
        let job = try #require(try flags.configuration().jobs.first)
        #expect(job.folder == "backups/mine" && job.run == "stage2-20251211")
        #expect(job.interval == .seconds(1800) && job.jitter == .seconds(180))
    }

    @Test("What makes no sense is refused by name")
    func refuses() {
        var flags = BackupFlags(source: ".", destination: "backups")
        #expect(throws: CollectorError.self) { try flags.configuration() }
        flags.source = "gpu:/x"
        flags.destination = "vps:/backups"
        #expect(throws: CollectorError.self) { try flags.configuration() }
        flags.destination = "backups"
        flags.interval = "often"
        #expect(
            throws: CollectorError.usage(
                "--interval: often is no length of time; write for example 30m, 90s or 1h30m"
            )
        ) { try flags.configuration() }
        flags.interval = "1h"
        flags.keepLast = 0
        #expect(throws: CollectorError.self) { try flags.configuration() }
        #expect(throws: CollectorError.self) { try BackupFlags.bytesPerSecond("fast") }
    }

    @Test("Limits are KiB a second, as in rsync")
    func rate() throws {
        #expect(try BackupFlags.bytesPerSecond("2") == 2048)
        #expect(try BackupFlags.bytesPerSecond(nil) == nil)
    }
}

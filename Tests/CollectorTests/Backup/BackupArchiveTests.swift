import Files
import RunRecords
import TestSupport
import Testing

@testable import Collector

@Suite struct BackupArchiveTests {
    private let fixture: BackupFixture

    init() async throws {
        fixture = try BackupFixture()
        for step in [2, 10, 30] {
            try fixture.put(BackupFixture.checkpoint(UInt64(step)), "step_\(step).pt")
            try fixture.put(BackupFixture.checkpoint(UInt64(1000 + step)), "best.pt")
            try fixture.put(Array("epoch \(step)\n".utf8), "epoch_history.log")
            #expect(try await fixture.pass().isVerified)
        }
    }

    private var destination: String { fixture.directory.path(of: "backups") }

    private func audit() async throws -> BackupAudit.Result {
        try await BackupAudit(BackupArchive(destination)).run()
    }

    @Test("A sound destination is verified as a whole, from above and by its job")
    func sound() async throws {
        let result = try await audit()
        #expect(result.defects.isEmpty && result.exitStatus == 0)
        #expect(result.intactCount == 3 + 2 + 3)
        #expect(try await BackupAudit(BackupArchive(fixture.folder)).run().intactCount == result.intactCount)
        #expect(try BackupArchive(destination + "/").jobs.map(\.name) == ["job"])
    }

    @Test("One flipped bit in any file is found, and the file is named")
    func flipped() async throws {
        for name in fixture.names where BackupStore.isContentPath(try RelativePath(validating: name)) {
            try flip("\(fixture.folder)/\(name)")
            let result = try await audit()
            #expect(result.exitStatus == 23)
            #expect(result.defects.map(\.path) == ["\(fixture.folder)/\(name)"], "\(name)")
            try flip("\(fixture.folder)/\(name)")
        }
        #expect(try await audit().exitStatus == 0)
    }

    @Test("Missing, short and unknown files, wrong aliases and damaged lines are found")
    func otherDefects() async throws {
        let alias = "\(fixture.folder)/best.pt"
        try FileSystem.removeFile(alias)
        #expect(try await audit().defects.map(\.path) == [alias])
        try fixture.directory.write("other", to: "backups/job/best.pt")
        #expect(try await audit().defects.map(\.path) == [alias])
        _ = try await fixture.open()
        #expect(try await audit().defects.isEmpty)
        try fixture.directory.write("x", to: "backups/job/best.0123456789ab.pt")
        #expect(try await audit().defects.count == 1)
        try fixture.directory.remove("backups/job/best.0123456789ab.pt")
        let newest = try #require(try BackupManifest.read(folder: fixture.folder).live.last)
        try FileSystem.removeFile(newest.name.below(fixture.folder))
        #expect(try await audit().defects.contains { $0.reason == "it is missing" })
        try fixture.directory.append("damaged\n", to: "backups/job/manifest.jsonl")
        #expect(try await audit().defects.contains { $0.path.hasSuffix("manifest.jsonl:\(lineCount)") })
    }

    private var lineCount: Int {
        (try? fixture.directory.readText("backups/job/manifest.jsonl").split(separator: "\n").count) ?? 0
    }

    @Test("The list says what is there for people and for programs")
    func lists() throws {
        let archive = try BackupArchive(destination)
        let lines = archive.table.split(separator: "\n")
        #expect(lines.count == 1 + 3 + 2 + 3)
        #expect(lines[0].hasPrefix("job  kind     step  size"))
        let pattern =
            /job  step     30    [0-9]+ +20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]+ +sha256    step_30\.[0-9a-f]{12}\.pt/
        #expect(lines.contains { $0.wholeMatch(of: pattern) != nil }, "\(archive.table)")
        let json = try JSONParser.parse(Array(archive.json.utf8))
        let entries = try #require(json["jobs"]?.array?.first?["entries"]?.array)
        #expect(entries.count == 8)
        #expect(entries.first?["kind"]?.string == "step" && entries.first?["step"]?.number == 30)
        #expect(entries.allSatisfy { $0["verified"]?.bool == true && $0["verification"]?.string == "sha256" })
        #expect(json["jobs"]?.array?.first?["last_success"]?.number != nil)
    }

    @Test("Every choice brings back what was backed up, byte for byte")
    func restores() async throws {
        let restore = try BackupRestore(BackupArchive(destination))
        let target = fixture.directory.path(of: "out.pt")
        let hash = SHA256Value(hashing: BackupFixture.checkpoint(2))
        let cases: [(String, [UInt8])] = [
            ("best", BackupFixture.checkpoint(1030)), ("step", BackupFixture.checkpoint(30)),
            ("history", Array("epoch 30\n".utf8)), ("step_10.pt", BackupFixture.checkpoint(10)),
            ("best.pt", BackupFixture.checkpoint(1030)),
            (String(hash.hex.prefix(12)), BackupFixture.checkpoint(2)),
            ("step_2.\(hash.hex.prefix(12)).pt", BackupFixture.checkpoint(2)),
        ]
        for (choice, bytes) in cases {
            let outcome = try await restore.run(.init(choice), to: target, replacing: true)
            #expect(outcome.path == target)
            #expect(try OpenFile.reading(target).readAll() == bytes, "\(choice)")
        }
        let outcome = try await restore.run(.init("best"), to: fixture.directory.path)
        #expect(outcome.path == fixture.directory.path(of: "best.pt"))
    }

    @Test("Nothing is overwritten unless that is asked for, and nothing is left of a failure")
    func careful() async throws {
        let restore = try BackupRestore(BackupArchive(destination))
        try fixture.directory.write("mine", to: "out.pt")
        let target = fixture.directory.path(of: "out.pt")
        await #expect(throws: CollectorError.exists(target)) {
            try await restore.run(.init("best"), to: target)
        }
        #expect(try fixture.directory.readText("out.pt") == "mine")
        let best = try #require(
            try BackupManifest.read(folder: fixture.folder).live.last { $0.kind == .best }
        )
        try flip(best.name.below(fixture.folder))
        let error = await #expect(throws: CollectorError.self) {
            try await restore.run(.init("best"), to: target, replacing: true)
        }
        #expect(error?.exitStatus == 23)
        #expect(try fixture.directory.readText("out.pt") == "mine")
        #expect(try DirectoryTree.names(in: fixture.directory.path).filter { $0.name.hasPrefix(".") }.isEmpty)
    }

    @Test("A choice that means nothing, or something in several jobs, is refused with what to do")
    func unclear() async throws {
        let restore = try BackupRestore(BackupArchive(destination))
        for choice in ["final", "nothing.pt", "0123"] {
            #expect(throws: CollectorError.self) { try restore.find(.init(choice)) }
        }
        try fixture.directory.createDirectory("backups/other")
        try fixture.directory.write(
            fixture.directory.read("backups/job/manifest.jsonl"),
            to: "backups/other/manifest.jsonl"
        )
        let error = #expect(throws: CollectorError.self) {
            try BackupRestore(BackupArchive(destination)).find(.init("best"))
        }
        #expect(error?.description.contains("job, other") ?? false)
        try fixture.directory.createDirectory("empty")
        #expect(throws: CollectorError.self) { try BackupArchive(fixture.directory.path(of: "empty")) }
    }
}

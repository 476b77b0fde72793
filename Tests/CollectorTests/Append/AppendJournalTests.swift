import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

@Suite struct AppendJournalTests {
    private func entry(_ name: String, synced: Int = 10) throws -> JournalEntry {
        var entry = JournalEntry(source: "gpu:/root/runs", path: try RelativePath(validating: name))
        (entry.synced, entry.size, entry.lineEnd) = (synced, synced, synced / 2)
        // Numbers that no double holds.
        (entry.inode, entry.modifiedNanoseconds) = (.max, 1_765_467_060_123_456_789)
        entry.headHash = SHA256Value(hashing: [UInt8(synced & 255)])
        return entry
    }

    private static let journal = ".voxsite/journal.jsonl"

    @Test func `a line reads back as what was written`() throws {
        var entries = [try entry("a/m.jsonl"), try entry("ü \"quoted\" \\ \u{1}/log.jsonl", synced: 1 << 40)]
        entries[1].pending = JournalEntry.PendingStep(kind: .surplus, number: 12, reason: .surplus)
        entries[0].inode = nil
        entries[0].modifiedNanoseconds = nil
        entries[0].generation = 3
        entries[0].register = .max
        for entry in entries {
            let line = JournalLine.encode(entry)
            #expect(line.last == 10 && line.dropLast().firstIndex(of: 10) == nil)
            #expect(JournalLine.decode(line.dropLast()) == entry)
        }
    }

    @Test func `no line that was changed anywhere is believed`() throws {
        let line = Array(JournalLine.encode(try entry("a/m.jsonl")).dropLast())
        for index in line.indices {
            for change: UInt8 in [1, 2, 0x80] {
                var damaged = line
                damaged[index] ^= change
                #expect(JournalLine.decode(damaged[...]) == nil, "byte \(index)")
            }
            #expect(JournalLine.decode(line[..<index]) == nil)
        }
    }

    @Test func `the last state of a file counts, across restarts`() async throws {
        let root = try TemporaryDirectory.fast()
        let journal = try AppendJournal(root: root.path)
        try await journal.record(try entry("a/m.jsonl", synced: 1))
        try await journal.record(try entry("b/m.jsonl", synced: 2))
        try await journal.record(try entry("a/m.jsonl", synced: 3))
        #expect(await journal.entry(for: try RelativePath(validating: "a/m.jsonl"))?.synced == 3)
        let copy = try TemporaryDirectory.fast()
        try copy.write(try root.read(Self.journal), to: Self.journal)
        let again = try AppendJournal(root: copy.path)
        #expect(again.problem == nil)
        #expect(
            await again.entry(for: try RelativePath(validating: "a/m.jsonl"))
                == (try entry("a/m.jsonl", synced: 3))
        )
        #expect(await again.count == 2)
    }

    @Test func `only the owner may read the journal`() async throws {
        let root = try TemporaryDirectory.fast()
        let journal = try AppendJournal(root: root.path)
        for index in 0..<600 { try await journal.record(try entry("a/m.jsonl", synced: index)) }
        let identity = try FileIdentity(ofFileAt: root.path(of: Self.journal))
        #expect(identity.mode == 0o600)
        #expect(try FileIdentity(ofFileAt: root.path(of: ".voxsite")).mode == 0o700)
        // Compacted: 600 states of 300 bytes would be more.
        #expect(identity.size < 80_000)
    }

    @Test(arguments: [0o600, 0o644] as [mode_t])
    func `a journal in good order goes on as it is, one that others may read does not`(
        _ mode: mode_t
    ) async throws {
        let root = try TemporaryDirectory.fast()
        let lines = try ["a/m.jsonl", "b/m.jsonl", "a/m.jsonl"].map { JournalLine.encode(try entry($0)) }
        try root.write(Array(lines.joined()), to: Self.journal)
        #expect(chmod(root.path(of: Self.journal), mode) == 0)
        let before = try FileIdentity(ofFileAt: root.path(of: Self.journal))
        let journal = try AppendJournal(root: root.path)
        let after = try FileIdentity(ofFileAt: root.path(of: Self.journal))
        #expect((after.size == before.size) == (mode == 0o600) && after.mode == 0o600)
        try await journal.record(try entry("c/m.jsonl"))
        #expect(await journal.count == 3)
        let end = JournalLine.encode(try entry("c/m.jsonl"))
        #expect(try root.read(Self.journal).suffix(end.count) == end[...])
        #expect(try FileIdentity(ofFileAt: root.path(of: Self.journal)).size == after.size + end.count)
    }

    @Test func `a torn last line is as if it had never been written`() async throws {
        let whole = JournalLine.encode(try entry("a/m.jsonl", synced: 1))
        let torn = JournalLine.encode(try entry("a/m.jsonl", synced: 2))
        for length in 0..<torn.count {
            let root = try TemporaryDirectory.fast()
            try root.write(whole + torn.prefix(length), to: Self.journal)
            let journal = try AppendJournal(root: root.path)
            #expect(journal.problem == nil, "\(length) bytes")
            #expect(await journal.entry(for: try RelativePath(validating: "a/m.jsonl"))?.synced == 1)
            // What comes next must not continue the torn line.
            try await journal.record(try entry("b/m.jsonl"))
            #expect(try root.read(Self.journal) == whole + JournalLine.encode(try entry("b/m.jsonl")))
        }
    }

    @Test func `a journal damaged at any byte is set aside, and no file counts as collected`() async throws {
        let lines = JournalLine.encode(try entry("a/m.jsonl")) + JournalLine.encode(try entry("b/m.jsonl"))
        for index in lines.indices.dropLast() {
            let root = try TemporaryDirectory.fast()
            var damaged = lines
            damaged[index] ^= 0x15
            try root.write(damaged, to: Self.journal)
            let journal = try AppendJournal(root: root.path)
            #expect(journal.problem != nil, "byte \(index)")
            #expect(try root.read(Self.journal + ".damaged1") == damaged)
            for name in ["a/m.jsonl", "b/m.jsonl"] {
                let known = await journal.entry(for: try RelativePath(validating: name))
                #expect(known.map { $0.synced } ?? 0 == 0)
            }
        }
    }

    @Test func `what several record at once is all there`() async throws {
        let root = try TemporaryDirectory.fast()
        let journal = try AppendJournal(root: root.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                let state = try entry("\(index)/m.jsonl", synced: index)
                group.addTask { try await journal.record(state) }
            }
            try await group.waitForAll()
        }
        #expect(await journal.count == 200)
        let lines = try root.read(Self.journal).split(separator: 10)
        #expect(lines.count == 200 && lines.allSatisfy { JournalLine.decode($0) != nil })
    }

    @Test func `a destination has one owner, and the error names it`() throws {
        let root = try TemporaryDirectory.fast()
        let owner = try AppendJournal(root: root.path)
        let error = #expect(throws: CollectorError.self) { try AppendJournal(root: root.path) }
        #expect(error?.description.contains("this process collects into this folder already") == true)
        #expect(error?.exitStatus == 3)
        withExtendedLifetime(owner) {}
    }

    @Test func `another process is named by its number, and its death frees the folder`() async throws {
        let root = try TemporaryDirectory.fast()
        try root.createDirectory(".voxsite")
        // flock(1) of util-linux holds the lock as another collector would.
        let other = try ChildProcess(
            "/usr/bin/flock",
            [
                "\(root.path)/.voxsite/lock", "sh", "-c",
                "echo $$ > \(root.path)/.voxsite/lock; echo held; exec sleep 60",
            ]
        )
        _ = try await other.waitForOutput(containing: "held")
        let error = #expect(throws: CollectorError.self) { try AppendJournal(root: root.path) }
        #expect(
            error?.description.contains(" process ") == true || error?.description.contains("process") == true
        )
        let number = try root.readText(".voxsite/lock").split(separator: "\n").first.map(String.init) ?? "?"
        #expect(error?.description.contains("process \(number)") == true)
        other.signal(SIGKILL)
        let child = try #require(Int32(number), "\(number) is no process")
        try #require(child > 1, "0 and -1 would be everybody")
        kill(child, SIGKILL)
        _ = try await other.waitForExit()
        // The sleeping child inherited the lock and may live a moment longer than flock(1) itself.
        var journal: AppendJournal?
        try await waitUntil {
            journal = try? AppendJournal(root: root.path)
            return journal != nil
        }
    }

    @Test(.enabled(if: SmallFileSystem.isAvailable, "mounting a tmpfs needs root"))
    func `a full disk keeps the journal as it was, and it goes on when there is room`() async throws {
        let disk = try SmallFileSystem(kilobytes: 64)
        let journal = try AppendJournal(root: disk.path)
        let path = try RelativePath(validating: "a/m.jsonl")
        try await journal.record(try entry("a/m.jsonl", synced: 1))
        // Leaves not one page.
        let filler = disk.path + "/filler"
        let file = try OpenFile(filler, flags: O_WRONLY | O_CREAT)
        while (try? file.write([UInt8](repeating: 1, count: 4096))) != nil {}
        var recorded = 1
        var failures = 0
        for synced in 2...200 {
            do {
                try await journal.record(try entry("a/m.jsonl", synced: synced))
                recorded = synced
            } catch {
                failures += 1
                #expect((error as? CollectorError)?.exitStatus == 11)
            }
            #expect(await journal.entry(for: path)?.synced == recorded)
        }
        #expect(failures > 0)
        let copy = try TemporaryDirectory.fast()
        let bytes = try OpenFile.reading(disk.path + "/" + Self.journal).readAll()
        try copy.write(bytes, to: Self.journal)
        #expect(await (try AppendJournal(root: copy.path)).entry(for: path)?.synced == recorded)
        try FileSystem.removeFile(filler)
        _ = consume file
        try await journal.record(try entry("a/m.jsonl", synced: 999))
        try await journal.record(try entry("b/m.jsonl", synced: 998))
        let whole = try OpenFile.reading(disk.path + "/" + Self.journal).readAll()
        #expect(whole.split(separator: 10).allSatisfy { JournalLine.decode($0) != nil })
        #expect(await journal.count == 2)
    }

    @Test func `a folder that is a link is not used`() throws {
        let (root, elsewhere) = (try TemporaryDirectory.fast(), try TemporaryDirectory.fast())
        try FileManager.default.createSymbolicLink(
            atPath: root.path(of: ".voxsite"),
            withDestinationPath: elsewhere.path
        )
        #expect(throws: CollectorError.self) { try AppendJournal(root: root.path) }
        #expect(!elsewhere.exists("journal.jsonl"))
    }
}

@Suite struct GenerationNameTests {
    @Test func `numbers have at least four digits and read back`() throws {
        let path = try RelativePath(validating: "a/m.jsonl")
        #expect(try GenerationName.path(of: path, number: 1).string == "a/m.jsonl.gen0001")
        #expect(try GenerationName.path(of: path, number: 12_345).string == "a/m.jsonl.gen12345")
        #expect(try GenerationName.path(of: path, number: 2, offset: 17).string == "a/m.jsonl.gen0002.at17")
        for number in [1, 999, 9_999, 12_345] {
            for offset in [nil, 0, 4_711] {
                let name = try GenerationName.path(of: path, number: number, offset: offset)
                #expect(GenerationName.number(of: name.lastComponent, base: "m.jsonl") == number)
                #expect(GenerationName.isGeneration(name))
            }
        }
    }

    @Test(arguments: [
        "m.jsonl", "m.jsonl.gen1", "m.jsonl.gen", "m.jsonl.gen0001.bak", "m.jsonl.genx001", ".gen0001",
        "m.jsonl.gen0001.at", "m.jsonl.gen0001.at1.at2", "m.jsonl.gen99999999999999999999",
    ])
    func `other names are none`(_ name: String) throws {
        #expect(!GenerationName.isGeneration(try RelativePath(validating: name)))
        #expect(GenerationName.number(of: name, base: "m.jsonl") == nil)
    }
}

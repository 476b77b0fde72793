import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// When a log is another one, each case the trap of some log shipper.
@Suite struct TailGenerationTests {
    private let fixture: TailFixture

    init() throws { fixture = try TailFixture() }

    /// Whoever may read a log may read it after it began anew.
    @Test func `a new generation and what was cut off have the permissions of the copy`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal) { $0.newFileMode = 0o640 }
        var memory = TailMemory()
        func poll() async throws {
            _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        }
        func mode(_ suffix: String = "") throws -> UInt32? {
            fixture.copies.files[try RelativePath(validating: fixture.path.string + suffix)]?.mode
        }
        try fixture.write(fixture.lines(100, "x"))
        try await poll()
        #expect(try mode() == 0o640)
        // Somebody lets others read it.
        try await fixture.copies.setAttributes(of: fixture.path, mode: 0o644, modifiedNanoseconds: nil)
        try fixture.write(fixture.lines(3, "y"))
        try await poll()
        #expect(try mode() == 0o644 && mode(".gen0001") == 0o644)
        #expect(try fixture.copy() == fixture.lines(3, "y"))
    }

    /// Source: promtail, "Failure modes": a file truncated and regrown past the offset is skipped silently.
    @Test func `a file that was truncated and grew past its old end is another one`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(20, "old"))
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        try fixture.write(fixture.lines(50, "new"))
        let outcome = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(outcome.reasons == [.rewritten] && outcome.generation == 1)
        #expect(
            try fixture.copy() == fixture.lines(50, "new")
                && fixture.copy(".gen0001") == fixture.lines(20, "old")
        )
        let log = try fixture.root.readText(".voxsite/generations.jsonl")
        #expect(
            log.contains("\"saved_as\":\"a/m.jsonl.gen0001\"") && log.contains("the source was rewritten")
        )
        #expect(log.contains(SHA256Value(hashing: Array(fixture.lines(20, "old").utf8)).hex))
    }

    @Test(arguments: [true, false])
    func `the rest of a rotated file ends its own generation`(_ tellsInodes: Bool) async throws {
        let source =
            tellsInodes
            ? fixture.source : MemoryTransport(displayName: "sftp", capabilities: [.list, .fineTimes])
        let rotated = try RelativePath(validating: "a/m.jsonl.1")
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal, from: source) { $0.bytesPerPoll = 100 }
        var memory = TailMemory()
        func settle() async throws -> [GenerationReason] {
            var reasons: [GenerationReason] = []
            while true {
                let outcome = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
                reasons += outcome.reasons
                if !outcome.hasMore { return reasons }
            }
        }
        source.change { $0.edit(fixture.path) { $0 = Array(fixture.lines(30, "old").utf8) } }
        _ = try await settle()
        source.change { state in
            state.edit(fixture.path) { $0 = Array(fixture.lines(60, "old").utf8) }
            state.files[rotated] = state.files.removeValue(forKey: fixture.path)
            state.edit(fixture.path) { $0 = Array(fixture.lines(5, "new").utf8) }
        }
        #expect(try await settle() == [.rotated])
        #expect(
            try fixture.copy() == fixture.lines(5, "new")
                && fixture.copy(".gen0001") == fixture.lines(60, "old")
        )
    }

    @Test func `an older rotated file with the same header does not come a second time`() async throws {
        let sftp = MemoryTransport(displayName: "sftp", capabilities: [.list, .fineTimes])
        let rotated = try RelativePath(validating: "a/m.jsonl.1")
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal, from: sftp)
        var memory = TailMemory()
        let header = "{\"columns\":[]}\n"
        sftp.change { $0.edit(fixture.path) { $0 = Array((header + fixture.lines(30, "old")).utf8) } }
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        sftp.change { state in
            state.files[rotated] = state.files.removeValue(forKey: fixture.path)
            state.edit(fixture.path) { $0 = Array(header.utf8) }
        }
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        // Truncated in place this time, with nothing but the header collected.
        sftp.change { $0.edit(fixture.path) { $0 = Array("{}\n".utf8) } }
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(try fixture.copy() == "{}\n" && fixture.copy(".gen0002") == header)
        #expect(try fixture.copy(".gen0001") == header + fixture.lines(30, "old"))
    }

    @Test func `a log copied aside and truncated in place loses nothing`() async throws {
        let rotated = try RelativePath(validating: "a/m.jsonl.1")
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(30, "old"))
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        fixture.source.change { state in
            state.edit(rotated) { $0 = Array(fixture.lines(40, "old").utf8) }
            state.edit(fixture.path) { $0 = Array(fixture.lines(2, "new").utf8) }
        }
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(
            try fixture.copy() == fixture.lines(2, "new")
                && fixture.copy(".gen0001") == fixture.lines(40, "old")
        )
    }

    @Test func `the same contents under another inode go on as the same file`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(30, "x"))
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        fixture.source.change { state in
            state.files[fixture.path] = nil
            state.edit(fixture.path) { $0 = Array(fixture.lines(35, "x").utf8) }
        }
        let outcome = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(outcome.reasons.isEmpty && outcome.generation == 0)
        #expect(try fixture.copy() == fixture.lines(35, "x"))
    }

    @Test func `a run that comes from another host with the same contents goes on`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        try fixture.write(fixture.lines(30, "x"))
        _ = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &memory)
        let moved = MemoryTransport(displayName: "gpu2:/runs")
        moved.change { $0.edit(fixture.path) { $0 = Array(fixture.lines(31, "x").utf8) } }
        var fresh = TailMemory()
        let second = fixture.transfer(journal, from: moved, name: "gpu2:/runs")
        let outcome = try await second.poll(fixture.path, as: fixture.path, memory: &fresh)
        #expect(outcome.reasons.isEmpty)
        #expect(await journal.entry(for: fixture.path)?.source == "gpu2:/runs")
        moved.change { $0.edit(fixture.path) { $0 = Array(fixture.lines(31, "y").utf8) } }
        var again = TailMemory()
        let first = fixture.transfer(journal, from: moved, name: "gpu:/runs")
        #expect(try await first.poll(fixture.path, as: fixture.path, memory: &again).reasons == [.relocated])
    }

    @Test func `a number of a generation is not given again, even without a journal`() async throws {
        let other = try TemporaryDirectory.fast()
        fixture.copies.change { state in
            state.edit(fixture.path) { $0 = Array("old\n".utf8) }
            let kept = try? RelativePath(validating: "a/m.jsonl.gen0007.at3")
            if let kept { state.edit(kept) { $0 = Array("kept\n".utf8) } }
        }
        try fixture.write("new\n")
        var memory = TailMemory()
        let outcome = try await fixture.transfer(try AppendJournal(root: other.path)).poll(
            fixture.path,
            as: fixture.path,
            memory: &memory
        )
        #expect(outcome.generation == 8)
        #expect(
            try fixture.copy() == "new\n" && fixture.copy(".gen0008") == "old\n"
                && fixture.copy(".gen0007.at3") == "kept\n"
        )
    }

    @Test func `a rewrite within one second is found by the audit`() async throws {
        let coarse = MemoryTransport(displayName: "sftp", capabilities: [.list])
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal, from: coarse)
        var memory = TailMemory()
        coarse.change { $0.edit(fixture.path) { $0 = Array(fixture.lines(2_000, "x").utf8) } }
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        // One byte near the beginning, where no overlap reaches.
        coarse.change { $0.edit(fixture.path) { $0[3] = UInt8(ascii: "y") } }
        #expect(try await transfer.poll(fixture.path, as: fixture.path, memory: &memory).reasons.isEmpty)
        fixture.time.advance(by: .seconds(601))
        #expect(
            try await transfer.poll(fixture.path, as: fixture.path, memory: &memory).reasons == [.rewritten]
        )
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(fixture.copies.bytes(fixture.path) == coarse.bytes(fixture.path))
        #expect(try fixture.copy(".gen0001") == fixture.lines(2_000, "x"))
        // A file in peace is audited once more at most.
        let reads = coarse.count(of: .read)
        for _ in 0..<5 {
            fixture.time.advance(by: .seconds(601))
            _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        }
        #expect(coarse.count(of: .read) <= reads + 6)
    }

    @Test func `a sync carries each file up to what it was when it was looked at`() async throws {
        var options = AppendOptions()
        options.bytesPerPoll = 100
        let carrier = JournaledAppendCarrier(
            source: fixture.source,
            destination: fixture.copies,
            journal: try AppendJournal(root: fixture.root.path),
            options: options
        )
        try fixture.write(fixture.lines(100, "x"))
        let status = try #require(try await fixture.source.status(of: fixture.path))
        let outcome = try await carrier.carry(fixture.path, status: status)
        #expect(outcome.carriedByteCount == status.size && outcome.newGenerationReason == nil)
        try fixture.write(fixture.lines(3, "y"))
        let second = try await carrier.carry(
            fixture.path,
            status: try #require(try await fixture.source.status(of: fixture.path))
        )
        #expect(second.newGenerationReason == "the source became shorter than what was collected")
        #expect(
            try fixture.copy() == fixture.lines(3, "y") && fixture.copy(".gen0001") == fixture.lines(100, "x")
        )
        fixture.source.change { $0.files[fixture.path] = nil }
        await #expect(throws: CollectorError.vanished("a/m.jsonl")) {
            _ = try await carrier.carry(fixture.path, status: status)
        }
    }
}

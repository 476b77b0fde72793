import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// The copy and what may happen to it, and sources that go or lie.
@Suite struct TailCopyTests {
    private let fixture: TailFixture

    init() throws { fixture = try TailFixture() }

    @Test func `a copy that somebody removed or shortened is made whole again`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        try fixture.write(fixture.lines(300, "x"))
        _ = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &memory)
        for change: @Sendable (inout MemoryTransport.State) -> Void in [
            { [fixture] in $0.files[fixture.path] = nil },
            { [fixture] in $0.edit(fixture.path) { $0 = Array($0.prefix(1_000)) } },
        ] {
            fixture.copies.change { change(&$0) }
            try fixture.write(fixture.lines(301, "x"))
            let outcome = try await fixture.transfer(journal).poll(
                fixture.path,
                as: fixture.path,
                memory: &memory
            )
            #expect(outcome.reasons.isEmpty)
            #expect(try fixture.copy() == fixture.lines(301, "x"))
        }
    }

    @Test func `a copy that is another file counts for nothing, and is kept`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        try fixture.write(fixture.lines(30, "x"))
        _ = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &memory)
        fixture.copies.change { $0.edit(fixture.path) { $0 = Array(fixture.lines(40, "y").utf8) } }
        var fresh = TailMemory()
        _ = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &fresh)
        #expect(
            try fixture.copy() == fixture.lines(30, "x") && fixture.copy(".gen0001") == fixture.lines(40, "y")
        )
    }

    @Test func `without a journal, the copy is compared and nothing comes twice`() async throws {
        let other = try TemporaryDirectory.fast()
        var memory = TailMemory()
        try fixture.write(fixture.lines(30, "x"))
        _ = try await fixture.transfer(try AppendJournal(root: fixture.root.path)).poll(
            fixture.path,
            as: fixture.path,
            memory: &memory
        )
        try fixture.write(fixture.lines(31, "x"))
        var fresh = TailMemory()
        let outcome = try await fixture.transfer(try AppendJournal(root: other.path)).poll(
            fixture.path,
            as: fixture.path,
            memory: &fresh
        )
        #expect(outcome.reasons.isEmpty && outcome.carriedByteCount == "{\"x\":30}\n".utf8.count)
        #expect(try fixture.copy() == fixture.lines(31, "x"))
    }

    @Test func `after a new connection the whole prefix is compared by its hash`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        try fixture.write(fixture.lines(20_000, "x"))
        _ = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &memory)
        // Changed in the middle and grown: the end alone looks as it should.
        fixture.source.change {
            $0.edit(fixture.path) {
                $0[100_000] ^= 1; $0 += Array("{}\n".utf8)
            }
        }
        var fresh = TailMemory()
        let outcome = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &fresh)
        #expect(fixture.source.count(of: .hash) == 1 && outcome.reasons == [.rewritten])
    }

    @Test func `a vanished source leaves the copy as it is`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(10, "x"))
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        fixture.source.change { $0.files[fixture.path] = nil }
        #expect(try await transfer.poll(fixture.path, as: fixture.path, memory: &memory).isVanished)
        #expect(try fixture.copy() == fixture.lines(10, "x"))
    }

    @Test func `a full disk loses nothing, and work goes on when there is room`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(100, "x"))
        fixture.copies.change { $0.capacity = 500 }
        for _ in 0..<3 {
            await #expect(throws: CollectorError.self) {
                _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
            }
        }
        #expect(
            fixture.copies.bytes(fixture.path).map {
                fixture.source.bytes(fixture.path)?.starts(with: $0) ?? false
            } == true
        )
        fixture.copies.change { $0.capacity = .max }
        let outcome = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(outcome.reasons.isEmpty && outcome.equalByteCount == 500)
        #expect(try fixture.copy() == fixture.lines(100, "x"))
    }

    @Test func `nothing is written where the collector keeps its own`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        for name in [".voxsite/journal.jsonl", "a/.voxsite/x.jsonl"] {
            try fixture.write("{}\n", at: name)
            let path = try RelativePath(validating: name)
            await #expect(throws: CollectorError.self) {
                _ = try await fixture.transfer(journal).poll(path, as: path, memory: &memory)
            }
        }
        #expect(fixture.copies.files.isEmpty)
    }

    @Test func `a file that claims to be huge is refused before anything is read`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        let status = FileStatus(size: .max, modifiedNanoseconds: .min, inode: .max)
        await #expect(throws: CollectorError.self) {
            _ = try await fixture.transfer(journal).poll(
                fixture.path,
                as: fixture.path,
                status: status,
                memory: &memory
            )
        }
        #expect(fixture.source.count(of: .read) == 0)
    }
}

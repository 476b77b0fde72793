import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// What one poll carries, and what it costs.
@Suite struct TailTransferTests {
    private let fixture: TailFixture

    init() throws { fixture = try TailFixture() }

    @Test func `a tail costs one request, the overlap included`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(1_000, "x"))
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        try fixture.write(fixture.lines(1_010, "x"))
        let before = (
            fixture.source.count(of: .read), fixture.source.count(of: .status),
            fixture.source.count(of: .hash)
        )
        let outcome = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(
            outcome.carriedByteCount == 10 * "{\"x\":1000}\n".utf8.count && outcome.equalByteCount == 4096
        )
        #expect(fixture.source.count(of: .read) == before.0 + 1)
        #expect(fixture.source.count(of: .status) == before.1 + 1)
        #expect(fixture.source.count(of: .hash) == before.2)
        #expect(try fixture.copy() == fixture.lines(1_010, "x"))
    }

    @Test func `an idle file costs nothing but the look`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(10, "x"))
        _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
        let before = (
            fixture.source.count(of: .read), fixture.copies.count(of: .read),
            fixture.copies.count(of: .status)
        )
        for _ in 0..<10 { _ = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory) }
        #expect(fixture.source.count(of: .read) == before.0)
        #expect(fixture.copies.count(of: .read) == before.1 && fixture.copies.count(of: .status) == before.2)
    }

    /// A source with `cksum`, and a copy in a folder of this machine.
    private func poll(
        after change: @escaping @Sendable (inout [UInt8]) -> Void,
        during race: @escaping @Sendable (inout [UInt8]) -> Void = { _ in }
    ) async throws -> (outcome: TailOutcome, hashes: Int, reads: Int) {
        let source = MemoryTransport(
            capabilities: [.list, .inode, .fineTimes, .hash, .checksum, .batchStatus]
        )
        let folder = try TemporaryDirectory.fast()
        let journal = try AppendJournal(root: root.path)
        let text = Array(lines(20_000, "x").utf8)
        source.change { [path] in $0.edit(path) { $0 = text } }
        func transfer() -> TailTransfer {
            TailTransfer(
                source: source,
                sourceName: "gpu",
                destination: LocalTransport(root: folder.path),
                journal: journal,
                options: AppendOptions(),
                time: time.time,
                random: { _ in 0 },
                atStep: { _ in }
            )
        }
        var memory = TailMemory()
        _ = try await transfer().poll(path, as: path, memory: &memory)
        source.change { [path] in $0.edit(path, change) }
        let (hashes, reads) = (source.count(of: .hash), source.count(of: .read))
        let pending = Mutex(true)
        source.setFault { [path] operation, _ in
            guard operation == .checksum,
                pending.withLock({ pending in
                    defer { pending = false }; return pending
                })
            else { return }
            source.change { $0.edit(path, race) }
        }
        var fresh = TailMemory()
        let outcome = try await transfer().poll(path, as: path, memory: &fresh)
        if outcome.reasons.isEmpty, !outcome.hasMore {
            let copy = try await LocalTransport(root: folder.path).bytes(of: path, from: 0, count: 1 << 20)
            #expect(source.bytes(path)?.starts(with: copy) == true && copy.count == outcome.syncedByteCount)
        }
        return (outcome, source.count(of: .hash) - hashes, source.count(of: .read) - reads)
    }

    @Test func `after a new connection a checksum compares the whole, and the tail comes with it`()
        async throws
    {
        let grown = try await poll { $0 += Array("{}\n".utf8) }
        #expect(grown.hashes == 0 && grown.reads == 1)
        #expect(grown.outcome.reasons.isEmpty && grown.outcome.carriedByteCount == 3)
        let rewritten = try await poll {
            $0[100_000] ^= 1; $0 += Array("{}\n".utf8)
        }
        #expect(rewritten.hashes == 0 && rewritten.outcome.reasons == [.rewritten])
        let onlyRewritten = try await poll { $0[100_000] ^= 1 }
        #expect(onlyRewritten.outcome.reasons == [.rewritten])
    }

    /// A checksum is kept of what arrived, however it came in pieces and wherever a crash left the journal.
    @Test func `the journal keeps the checksum of what arrived`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        for count in [0, 1, 900, 901, 5_000] {
            try write(lines(count, "x"))
            _ = try await transfer(journal) { $0.bytesPerPoll = 10_000 }.poll(path, as: path, memory: &memory)
            let entry = try #require(await journal.entry(for: path))
            var checksum = PosixChecksum()
            lines(count, "x").utf8.prefix(entry.synced).withContiguousStorageIfAvailable {
                checksum.update(UnsafeRawBufferPointer($0))
            }
            #expect(entry.checksum?.value == checksum.value && entry.checksum?.byteCount == entry.synced)
        }
    }

    @Test func `a log that grows or shrinks while it is summed up is compared all the same`() async throws {
        let small = try await poll(after: { $0 += [0x0A] }, during: { $0 += Array("{}\n".utf8) })
        #expect(small.outcome.reasons.isEmpty)
        // So much that the tail does not reach to its end: the hash of the prefix decides.
        let much = try await poll(
            after: { $0 += [0x0A] },
            during: { $0 += [UInt8](repeating: 0x0A, count: 100_000) }
        )
        #expect(much.outcome.reasons.isEmpty)
        let shorter = try await poll(after: { $0 += [0x0A] }, during: { $0 = Array($0.prefix(50_000)) })
        #expect(shorter.outcome.reasons.count == 1)
    }

    @Test func `one poll carries no more than it may`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal) { $0.bytesPerPoll = 1_000 }
        var memory = TailMemory()
        let text = fixture.lines(1_000, "x")
        try fixture.write(text)
        var polls = 0
        var carried = 0
        while true {
            let outcome = try await transfer.poll(fixture.path, as: fixture.path, memory: &memory)
            #expect(outcome.carriedByteCount <= 1_000)
            carried += outcome.carriedByteCount
            #expect(outcome.lagByteCount == text.utf8.count - carried)
            polls += 1
            if !outcome.hasMore { break }
        }
        #expect(polls == (text.utf8.count + 999) / 1_000 && carried == text.utf8.count)
    }

    @Test func `a look that is older than what was read is no truncation`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        let transfer = fixture.transfer(journal)
        var memory = TailMemory()
        try fixture.write(fixture.lines(10, "x"))
        let old = try await fixture.source.status(of: fixture.path)
        try fixture.write(fixture.lines(30, "x"))
        for _ in 0..<2 {
            let outcome = try await transfer.poll(
                fixture.path,
                as: fixture.path,
                status: old,
                memory: &memory
            )
            #expect(outcome.reasons.isEmpty)
        }
        #expect(try fixture.copy() == fixture.lines(30, "x") && fixture.copy(".gen0001") == nil)
    }

    @Test func `a file that claims more than it has does not keep a poll busy`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        try fixture.write("{}\n")
        let status = FileStatus(size: 1 << 40, modifiedNanoseconds: 1, inode: 1)
        let outcome = try await fixture.transfer(journal).poll(
            fixture.path,
            as: fixture.path,
            status: status,
            memory: &memory
        )
        #expect(!outcome.hasMore || outcome.carriedByteCount > 0)
        let second = try await fixture.transfer(journal).poll(
            fixture.path,
            as: fixture.path,
            status: status,
            memory: &memory
        )
        #expect(!second.hasMore && fixture.source.count(of: .read) < 10)
    }

    @Test func `an empty source has an empty copy`() async throws {
        let journal = try AppendJournal(root: fixture.root.path)
        var memory = TailMemory()
        try fixture.write("")
        _ = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(try fixture.copy() == "")
        try fixture.write("{}\n")
        _ = try await fixture.transfer(journal).poll(fixture.path, as: fixture.path, memory: &memory)
        #expect(try fixture.copy() == "{}\n" && fixture.copies.files.count == 1)
    }
}

import Files
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// After a new connection: what was collected is compared by a checksum of the whole.
@Suite struct TailChecksumTests {
    private let fixture: TailFixture

    init() throws { fixture = try TailFixture() }

    /// A source with `cksum`, and a copy in a folder of this machine.
    private func poll(
        after change: @escaping @Sendable (inout [UInt8]) -> Void,
        during race: @escaping @Sendable (inout [UInt8]) -> Void = { _ in }
    ) async throws -> (outcome: TailOutcome, hashes: Int, reads: Int) {
        let source = MemoryTransport(
            capabilities: [.list, .inode, .fineTimes, .hash, .checksum, .batchStatus]
        )
        let path = fixture.path
        let folder = try TemporaryDirectory.fast()
        let journal = try AppendJournal(root: fixture.root.path)
        let text = Array(fixture.lines(20_000, "x").utf8)
        source.change { [path] in $0.edit(path) { $0 = text } }
        func transfer() -> TailTransfer {
            TailTransfer(
                source: source,
                sourceName: "gpu",
                destination: LocalTransport(root: folder.path),
                journal: journal,
                options: AppendOptions(),
                time: fixture.time.time,
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
        let journal = try AppendJournal(root: fixture.root.path)
        let path = fixture.path
        var memory = TailMemory()
        for count in [0, 1, 900, 901, 5_000] {
            try fixture.write(fixture.lines(count, "x"))
            _ = try await fixture.transfer(journal) { $0.bytesPerPoll = 10_000 }.poll(
                path,
                as: path,
                memory: &memory
            )
            let entry = try #require(await journal.entry(for: path))
            var checksum = PosixChecksum()
            fixture.lines(count, "x").utf8.prefix(entry.synced).withContiguousStorageIfAvailable {
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
}

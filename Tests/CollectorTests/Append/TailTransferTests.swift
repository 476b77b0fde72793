import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Single situations, each the trap of some log shipper.
@Suite struct TailTransferTests {
    private let source: MemoryTransport
    private let copies = MemoryTransport(displayName: "copies")
    private let root: TemporaryDirectory
    private let time = ManualTime()
    private let path: RelativePath

    init() throws {
        source = MemoryTransport(displayName: "gpu:/runs")
        root = try TemporaryDirectory.fast()
        path = try RelativePath(validating: "a/m.jsonl")
    }

    private func transfer(
        _ journal: AppendJournal,
        from source: MemoryTransport? = nil,
        name: String = "gpu:/runs",
        _ change: (inout AppendOptions) -> Void = { _ in }
    ) -> TailTransfer {
        var options = AppendOptions()
        change(&options)
        return TailTransfer(
            source: source ?? self.source,
            sourceName: name,
            destination: copies,
            journal: journal,
            options: options,
            time: time.time,
            random: { _ in 0 },
            atStep: { _ in }
        )
    }

    private func write(_ text: String, at name: String = "a/m.jsonl") throws {
        let path = try RelativePath(validating: name)
        source.change { $0.edit(path) { $0 = Array(text.utf8) } }
    }

    private func copy(_ suffix: String = "") throws -> String? {
        copies.bytes(try RelativePath(validating: path.string + suffix)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func lines(_ count: Int, _ word: String) -> String {
        (0..<count).map { "{\"\(word)\":\($0)}\n" }.joined()
    }

    @Test func `a tail costs one request, the overlap included`() async throws {
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(1_000, "x"))
        _ = try await transfer.poll(path, as: path, memory: &memory)
        try write(lines(1_010, "x"))
        let before = (source.count(of: .read), source.count(of: .status), source.count(of: .hash))
        let outcome = try await transfer.poll(path, as: path, memory: &memory)
        #expect(
            outcome.carriedByteCount == 10 * "{\"x\":1000}\n".utf8.count && outcome.equalByteCount == 4096
        )
        #expect(source.count(of: .read) == before.0 + 1)
        #expect(source.count(of: .status) == before.1 + 1)
        #expect(source.count(of: .hash) == before.2)
        #expect(try copy() == lines(1_010, "x"))
    }

    @Test func `an idle file costs nothing but the look`() async throws {
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(10, "x"))
        _ = try await transfer.poll(path, as: path, memory: &memory)
        let before = (source.count(of: .read), copies.count(of: .read), copies.count(of: .status))
        for _ in 0..<10 { _ = try await transfer.poll(path, as: path, memory: &memory) }
        #expect(source.count(of: .read) == before.0)
        #expect(copies.count(of: .read) == before.1 && copies.count(of: .status) == before.2)
    }

    /// Source: promtail, "Failure modes": a file truncated and regrown past the offset is skipped silently.
    @Test func `a file that was truncated and grew past its old end is another one`() async throws {
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(20, "old"))
        _ = try await transfer.poll(path, as: path, memory: &memory)
        try write(lines(50, "new"))
        let outcome = try await transfer.poll(path, as: path, memory: &memory)
        #expect(outcome.reasons == [.rewritten] && outcome.generation == 1)
        #expect(try copy() == lines(50, "new") && copy(".gen0001") == lines(20, "old"))
        let log = try root.readText(".voxsite/generations.jsonl")
        #expect(
            log.contains("\"saved_as\":\"a/m.jsonl.gen0001\"") && log.contains("the source was rewritten")
        )
        #expect(log.contains(SHA256Value(hashing: Array(lines(20, "old").utf8)).hex))
    }

    @Test(arguments: [true, false])
    func `the rest of a rotated file ends its own generation`(_ tellsInodes: Bool) async throws {
        let source =
            tellsInodes
            ? self.source : MemoryTransport(displayName: "sftp", capabilities: [.list, .fineTimes])
        let rotated = try RelativePath(validating: "a/m.jsonl.1")
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal, from: source) { $0.bytesPerPoll = 100 }
        var memory = TailMemory()
        func settle() async throws -> [GenerationReason] {
            var reasons: [GenerationReason] = []
            while true {
                let outcome = try await transfer.poll(path, as: path, memory: &memory)
                reasons += outcome.reasons
                if !outcome.hasMore { return reasons }
            }
        }
        source.change { $0.edit(path) { $0 = Array(lines(30, "old").utf8) } }
        _ = try await settle()
        source.change { state in
            state.edit(path) { $0 = Array(lines(60, "old").utf8) }
            state.files[rotated] = state.files.removeValue(forKey: path)
            state.edit(path) { $0 = Array(lines(5, "new").utf8) }
        }
        #expect(try await settle() == [.rotated])
        #expect(try copy() == lines(5, "new") && copy(".gen0001") == lines(60, "old"))
    }

    @Test func `an older rotated file with the same header does not come a second time`() async throws {
        let sftp = MemoryTransport(displayName: "sftp", capabilities: [.list, .fineTimes])
        let rotated = try RelativePath(validating: "a/m.jsonl.1")
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal, from: sftp)
        var memory = TailMemory()
        let header = "{\"columns\":[]}\n"
        sftp.change { $0.edit(path) { $0 = Array((header + lines(30, "old")).utf8) } }
        _ = try await transfer.poll(path, as: path, memory: &memory)
        sftp.change { state in
            state.files[rotated] = state.files.removeValue(forKey: path)
            state.edit(path) { $0 = Array(header.utf8) }
        }
        _ = try await transfer.poll(path, as: path, memory: &memory)
        // Truncated in place this time, with nothing but the header collected.
        sftp.change { $0.edit(path) { $0 = Array("{}\n".utf8) } }
        _ = try await transfer.poll(path, as: path, memory: &memory)
        #expect(try copy() == "{}\n" && copy(".gen0002") == header)
        #expect(try copy(".gen0001") == header + lines(30, "old"))
    }

    @Test func `a log copied aside and truncated in place loses nothing`() async throws {
        let rotated = try RelativePath(validating: "a/m.jsonl.1")
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(30, "old"))
        _ = try await transfer.poll(path, as: path, memory: &memory)
        source.change { state in
            state.edit(rotated) { $0 = Array(lines(40, "old").utf8) }
            state.edit(path) { $0 = Array(lines(2, "new").utf8) }
        }
        _ = try await transfer.poll(path, as: path, memory: &memory)
        #expect(try copy() == lines(2, "new") && copy(".gen0001") == lines(40, "old"))
    }

    @Test func `the same contents under another inode go on as the same file`() async throws {
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(30, "x"))
        _ = try await transfer.poll(path, as: path, memory: &memory)
        source.change { state in
            state.files[path] = nil
            state.edit(path) { $0 = Array(lines(35, "x").utf8) }
        }
        let outcome = try await transfer.poll(path, as: path, memory: &memory)
        #expect(outcome.reasons.isEmpty && outcome.generation == 0)
        #expect(try copy() == lines(35, "x"))
    }

    @Test func `a run that comes from another host with the same contents goes on`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        try write(lines(30, "x"))
        _ = try await transfer(journal).poll(path, as: path, memory: &memory)
        let moved = MemoryTransport(displayName: "gpu2:/runs")
        moved.change { $0.edit(path) { $0 = Array(lines(31, "x").utf8) } }
        var fresh = TailMemory()
        let second = transfer(journal, from: moved, name: "gpu2:/runs")
        let outcome = try await second.poll(path, as: path, memory: &fresh)
        #expect(outcome.reasons.isEmpty)
        #expect(await journal.entry(for: path)?.source == "gpu2:/runs")
        moved.change { $0.edit(path) { $0 = Array(lines(31, "y").utf8) } }
        var again = TailMemory()
        let first = transfer(journal, from: moved, name: "gpu:/runs")
        #expect(try await first.poll(path, as: path, memory: &again).reasons == [.relocated])
    }

    @Test func `a copy that somebody removed or shortened is made whole again`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        try write(lines(300, "x"))
        _ = try await transfer(journal).poll(path, as: path, memory: &memory)
        for change: @Sendable (inout MemoryTransport.State) -> Void in [
            { [path] in $0.files[path] = nil },
            { [path] in $0.edit(path) { $0 = Array($0.prefix(1_000)) } },
        ] {
            copies.change { change(&$0) }
            try write(lines(301, "x"))
            let outcome = try await transfer(journal).poll(path, as: path, memory: &memory)
            #expect(outcome.reasons.isEmpty)
            #expect(try copy() == lines(301, "x"))
        }
    }

    @Test func `a copy that is another file counts for nothing, and is kept`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        try write(lines(30, "x"))
        _ = try await transfer(journal).poll(path, as: path, memory: &memory)
        copies.change { $0.edit(path) { $0 = Array(lines(40, "y").utf8) } }
        var fresh = TailMemory()
        _ = try await transfer(journal).poll(path, as: path, memory: &fresh)
        #expect(try copy() == lines(30, "x") && copy(".gen0001") == lines(40, "y"))
    }

    @Test func `without a journal, the copy is compared and nothing comes twice`() async throws {
        let other = try TemporaryDirectory.fast()
        var memory = TailMemory()
        try write(lines(30, "x"))
        _ = try await transfer(try AppendJournal(root: root.path)).poll(path, as: path, memory: &memory)
        try write(lines(31, "x"))
        var fresh = TailMemory()
        let outcome = try await transfer(try AppendJournal(root: other.path)).poll(
            path,
            as: path,
            memory: &fresh
        )
        #expect(outcome.reasons.isEmpty && outcome.carriedByteCount == "{\"x\":30}\n".utf8.count)
        #expect(try copy() == lines(31, "x"))
    }

    @Test func `a number of a generation is not given again, even without a journal`() async throws {
        let other = try TemporaryDirectory.fast()
        copies.change { state in
            state.edit(path) { $0 = Array("old\n".utf8) }
            let kept = try? RelativePath(validating: "a/m.jsonl.gen0007.at3")
            if let kept { state.edit(kept) { $0 = Array("kept\n".utf8) } }
        }
        try write("new\n")
        var memory = TailMemory()
        let outcome = try await transfer(try AppendJournal(root: other.path)).poll(
            path,
            as: path,
            memory: &memory
        )
        #expect(outcome.generation == 8)
        #expect(try copy() == "new\n" && copy(".gen0008") == "old\n" && copy(".gen0007.at3") == "kept\n")
    }

    @Test func `a rewrite within one second is found by the audit`() async throws {
        let coarse = MemoryTransport(displayName: "sftp", capabilities: [.list])
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal, from: coarse)
        var memory = TailMemory()
        coarse.change { $0.edit(path) { $0 = Array(lines(2_000, "x").utf8) } }
        _ = try await transfer.poll(path, as: path, memory: &memory)
        // One byte near the beginning, where no overlap reaches.
        coarse.change { $0.edit(path) { $0[3] = UInt8(ascii: "y") } }
        #expect(try await transfer.poll(path, as: path, memory: &memory).reasons.isEmpty)
        time.advance(by: .seconds(601))
        #expect(try await transfer.poll(path, as: path, memory: &memory).reasons == [.rewritten])
        _ = try await transfer.poll(path, as: path, memory: &memory)
        #expect(copies.bytes(path) == coarse.bytes(path))
        #expect(try copy(".gen0001") == lines(2_000, "x"))
        // A file in peace is audited once more at most.
        let reads = coarse.count(of: .read)
        for _ in 0..<5 {
            time.advance(by: .seconds(601))
            _ = try await transfer.poll(path, as: path, memory: &memory)
        }
        #expect(coarse.count(of: .read) <= reads + 6)
    }

    @Test func `after a new connection the whole prefix is compared by its hash`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        try write(lines(20_000, "x"))
        _ = try await transfer(journal).poll(path, as: path, memory: &memory)
        // Changed in the middle and grown: the end alone looks as it should.
        source.change {
            $0.edit(path) {
                $0[100_000] ^= 1; $0 += Array("{}\n".utf8)
            }
        }
        var fresh = TailMemory()
        let outcome = try await transfer(journal).poll(path, as: path, memory: &fresh)
        #expect(source.count(of: .hash) == 1 && outcome.reasons == [.rewritten])
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
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal) { $0.bytesPerPoll = 1_000 }
        var memory = TailMemory()
        let text = lines(1_000, "x")
        try write(text)
        var polls = 0
        var carried = 0
        while true {
            let outcome = try await transfer.poll(path, as: path, memory: &memory)
            #expect(outcome.carriedByteCount <= 1_000)
            carried += outcome.carriedByteCount
            #expect(outcome.lagByteCount == text.utf8.count - carried)
            polls += 1
            if !outcome.hasMore { break }
        }
        #expect(polls == (text.utf8.count + 999) / 1_000 && carried == text.utf8.count)
    }

    @Test func `a look that is older than what was read is no truncation`() async throws {
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(10, "x"))
        let old = try await source.status(of: path)
        try write(lines(30, "x"))
        for _ in 0..<2 {
            let outcome = try await transfer.poll(path, as: path, status: old, memory: &memory)
            #expect(outcome.reasons.isEmpty)
        }
        #expect(try copy() == lines(30, "x") && copy(".gen0001") == nil)
    }

    @Test func `a vanished source leaves the copy as it is`() async throws {
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(10, "x"))
        _ = try await transfer.poll(path, as: path, memory: &memory)
        source.change { $0.files[path] = nil }
        #expect(try await transfer.poll(path, as: path, memory: &memory).isVanished)
        #expect(try copy() == lines(10, "x"))
    }

    @Test func `a full disk loses nothing, and work goes on when there is room`() async throws {
        let journal = try AppendJournal(root: root.path)
        let transfer = transfer(journal)
        var memory = TailMemory()
        try write(lines(100, "x"))
        copies.change { $0.capacity = 500 }
        for _ in 0..<3 {
            await #expect(throws: CollectorError.self) {
                _ = try await transfer.poll(path, as: path, memory: &memory)
            }
        }
        #expect(copies.bytes(path).map { source.bytes(path)?.starts(with: $0) ?? false } == true)
        copies.change { $0.capacity = .max }
        let outcome = try await transfer.poll(path, as: path, memory: &memory)
        #expect(outcome.reasons.isEmpty && outcome.equalByteCount == 500)
        #expect(try copy() == lines(100, "x"))
    }

    @Test func `nothing is written where the collector keeps its own`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        for name in [".voxsite/journal.jsonl", "a/.voxsite/x.jsonl"] {
            try write("{}\n", at: name)
            let path = try RelativePath(validating: name)
            await #expect(throws: CollectorError.self) {
                _ = try await transfer(journal).poll(path, as: path, memory: &memory)
            }
        }
        #expect(copies.files.isEmpty)
    }

    @Test func `a file that claims to be huge is refused before anything is read`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        let status = FileStatus(size: .max, modifiedNanoseconds: .min, inode: .max)
        await #expect(throws: CollectorError.self) {
            _ = try await transfer(journal).poll(path, as: path, status: status, memory: &memory)
        }
        #expect(source.count(of: .read) == 0)
    }

    @Test func `a file that claims more than it has does not keep a poll busy`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        try write("{}\n")
        let status = FileStatus(size: 1 << 40, modifiedNanoseconds: 1, inode: 1)
        let outcome = try await transfer(journal).poll(path, as: path, status: status, memory: &memory)
        #expect(!outcome.hasMore || outcome.carriedByteCount > 0)
        let second = try await transfer(journal).poll(path, as: path, status: status, memory: &memory)
        #expect(!second.hasMore && source.count(of: .read) < 10)
    }

    @Test func `an empty source has an empty copy`() async throws {
        let journal = try AppendJournal(root: root.path)
        var memory = TailMemory()
        try write("")
        _ = try await transfer(journal).poll(path, as: path, memory: &memory)
        #expect(try copy() == "")
        try write("{}\n")
        _ = try await transfer(journal).poll(path, as: path, memory: &memory)
        #expect(try copy() == "{}\n" && copies.files.count == 1)
    }

    @Test func `a sync carries each file up to what it was when it was looked at`() async throws {
        var options = AppendOptions()
        options.bytesPerPoll = 100
        let carrier = JournaledAppendCarrier(
            source: source,
            destination: copies,
            journal: try AppendJournal(root: root.path),
            options: options
        )
        try write(lines(100, "x"))
        let status = try #require(try await source.status(of: path))
        let outcome = try await carrier.carry(path, status: status)
        #expect(outcome.carriedByteCount == status.size && outcome.newGenerationReason == nil)
        try write(lines(3, "y"))
        let second = try await carrier.carry(path, status: try #require(try await source.status(of: path)))
        #expect(second.newGenerationReason == "the source became shorter than what was collected")
        #expect(try copy() == lines(3, "y") && copy(".gen0001") == lines(100, "x"))
        source.change { $0.files[path] = nil }
        await #expect(throws: CollectorError.vanished("a/m.jsonl")) {
            _ = try await carrier.carry(path, status: status)
        }
    }

    /// Source: writers append with one write(2) each; readers see a part of it at any byte.
    @Test func `the copy of a log that is written at full speed is a beginning of it at every moment`()
        async throws
    {
        let (runs, mirror) = (try TemporaryDirectory.fast(), try TemporaryDirectory.fast())
        try runs.write("", to: path.string)
        let transfer = TailTransfer(
            source: LocalTransport(root: runs.path),
            sourceName: "here",
            destination: LocalTransport(root: mirror.path),
            journal: try AppendJournal(root: mirror.path)
        )
        let file = runs.path(of: path.string)
        let writer = Task {
            let log = try OpenFile(file, flags: O_WRONLY | O_APPEND)
            for step in 0..<6_000 {
                try log.write(
                    Array(
                        "{\"step\":\(step),\"fill\":\"\(String(repeating: "x", count: step % 300))\"}\n".utf8
                    )
                )
                if step % 64 == 0 { await Task.yield() }
            }
        }
        var memory = TailMemory()
        var polls = 0
        var isWritten = false
        while true {
            let outcome = try await transfer.poll(path, as: path, memory: &memory)
            #expect(outcome.reasons.isEmpty)
            polls += 1
            if polls % 32 == 0 || isWritten {
                let copy = try mirror.read(path.string)
                let isBeginning = try runs.read(path.string).starts(with: copy)
                try #require(isBeginning)
            }
            if isWritten, !outcome.hasMore { break }
            isWritten = try runs.read(path.string).suffix(400).contains(subsequence: "\"step\":5999,")
        }
        try await writer.value
        _ = try await transfer.poll(path, as: path, memory: &memory)
        let isEqual = try mirror.read(path.string) == runs.read(path.string)
        #expect(isEqual)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func contains(subsequence text: String) -> Bool {
        String(decoding: self, as: UTF8.self).contains(text)
    }
}

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

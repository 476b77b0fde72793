import Files
import Testing

@testable import Collector

/// Every row is one sentence about what the situation calls for.
@Suite struct AppendDecisionTests {
    private static func entry(_ change: (inout JournalEntry) -> Void = { _ in }) throws -> JournalEntry {
        var entry = JournalEntry(source: "gpu:/runs", path: try RelativePath(validating: "a/m.jsonl"))
        (entry.synced, entry.size, entry.inode, entry.modifiedNanoseconds) = (100, 100, 7, 1_000)
        change(&entry)
        return entry
    }

    private static func situation(
        entry: JournalEntry?,
        remote: FileStatus? = FileStatus(size: 100, modifiedNanoseconds: 1_000, inode: 7),
        copy: CopyState = .asRecorded,
        source: String = "gpu:/runs",
        isUnchecked: Bool = false,
        hasFineTimes: Bool = true,
        tail: TailComparison? = nil
    ) -> AppendSituation {
        AppendSituation(
            entry: entry,
            copy: copy,
            remote: remote,
            source: source,
            isUnchecked: isUnchecked,
            hasFineTimes: hasFineTimes,
            tail: tail
        )
    }

    @Test func `a source that looks as it did needs nothing`() throws {
        let entry = try Self.entry()
        #expect(Self.situation(entry: entry).action == .idle)
        #expect(Self.situation(entry: entry, copy: .file(length: 100)).action == .idle)
        #expect(Self.situation(entry: entry, isUnchecked: true).action == .idle)
    }

    @Test func `growth is read, with what came before it`() throws {
        let remote = FileStatus(size: 150, modifiedNanoseconds: 2_000, inode: 7)
        #expect(Self.situation(entry: try Self.entry(), remote: remote).action == .readTail)
    }

    @Test func `a shorter source begins a new generation`() throws {
        let remote = FileStatus(size: 99, modifiedNanoseconds: 2_000, inode: 7)
        #expect(
            Self.situation(entry: try Self.entry(), remote: remote).action == .beginGeneration(.truncated)
        )
    }

    @Test(arguments: [100, 500])
    func `another inode, another host or a new connection raise the question whether it is the same file`(
        _ size: Int
    ) throws {
        let entry = try Self.entry()
        let other = FileStatus(size: size, modifiedNanoseconds: 2_000, inode: 8)
        #expect(
            Self.situation(entry: entry, remote: other).action == .verify(.everything, ifDifferent: .replaced)
        )
        let same = FileStatus(size: size, modifiedNanoseconds: 2_000, inode: 7)
        #expect(
            Self.situation(entry: entry, remote: same, source: "gpu2:/runs").action
                == .verify(.everything, ifDifferent: .relocated)
        )
        #expect(
            Self.situation(entry: entry, remote: same, isUnchecked: true).action
                == .verify(.everything, ifDifferent: .rewritten)
        )
    }

    @Test func `times in whole seconds prove nothing after a new connection`() throws {
        #expect(
            Self.situation(entry: try Self.entry(), isUnchecked: true, hasFineTimes: false).action
                == .verify(.everything, ifDifferent: .rewritten)
        )
    }

    @Test func `another time with the same length is a possible rewrite`() throws {
        let remote = FileStatus(size: 100, modifiedNanoseconds: 2_000, inode: 7)
        #expect(
            Self.situation(entry: try Self.entry(), remote: remote).action
                == .verify(.ends, ifDifferent: .rewritten)
        )
    }

    @Test func `an inode that only one side knows raises no question`() throws {
        let remote = FileStatus(size: 100, modifiedNanoseconds: 1_000)
        #expect(Self.situation(entry: try Self.entry(), remote: remote).action == .idle)
        #expect(Self.situation(entry: try Self.entry { $0.inode = nil }).action == .idle)
    }

    @Test func `a file never seen is begun, a lost one is kept, a strange one left alone`() throws {
        #expect(Self.situation(entry: nil).action == .begin)
        #expect(Self.situation(entry: nil, remote: nil).action == .vanished)
        #expect(Self.situation(entry: try Self.entry(), remote: nil).action == .vanished)
        for kind in [FileIdentity.Kind.directory, .symbolicLink, .other] {
            let action = Self.situation(entry: nil, remote: FileStatus(kind: kind, size: 1)).action
            #expect(action == .refuse("it is no regular file"))
        }
        guard case .refuse = Self.situation(entry: try Self.entry(), copy: .notAFile).action else {
            Issue.record("a link at the destination must not be written through")
            return
        }
    }

    @Test func `a copy that became shorter counts as far as it goes`() throws {
        #expect(Self.situation(entry: try Self.entry(), copy: .file(length: 40)).action == .shorten(to: 40))
        #expect(Self.situation(entry: try Self.entry(), copy: .missing).action == .shorten(to: 0))
    }

    @Test func `a copy that is longer than recorded is compared, even with an idle source`() throws {
        #expect(Self.situation(entry: try Self.entry(), copy: .file(length: 120)).action == .readTail)
    }

    @Test func `what was begun is ended before anything else`() throws {
        let entry = try Self.entry {
            $0.pending = JournalEntry.PendingStep(kind: .generation, number: 1, reason: .truncated)
        }
        #expect(Self.situation(entry: entry, remote: nil).action == .finishPending)
        #expect(Self.situation(entry: entry, copy: .missing).action == .finishPending)
    }

    @Test func `what the tail shows decides`() throws {
        let entry = try Self.entry()
        func action(_ change: (inout TailComparison) -> Void, _ entry: JournalEntry) -> AppendAction {
            var tail = TailComparison()
            change(&tail)
            let remote = FileStatus(size: 500, modifiedNanoseconds: 2_000, inode: 7)
            return Self.situation(entry: entry, remote: remote, tail: tail).action
        }
        #expect(action({ _ in }, entry) == .advance)
        #expect(action({ $0.surplus = .equal }, entry) == .advance)
        #expect(action({ $0.overlapIsEqual = false }, entry) == .beginGeneration(.rewritten))
        #expect(action({ $0.sourceEndsEarly = true }, entry) == .beginGeneration(.truncated))
        #expect(action({ $0.surplus = .differs }, entry) == .saveSurplus)
        let new = try Self.entry { $0.synced = 0 }
        #expect(action({ $0.surplus = .differs }, new) == .beginGeneration(.rewritten))
    }
}

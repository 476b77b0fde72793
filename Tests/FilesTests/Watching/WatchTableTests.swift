import Glibc
import TestSupport
import Testing

@testable import Files

@Suite struct WatchTableTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    @Test func `an overflow asks for a rescan and watches what was missed`() throws {
        try folder.createDirectory("runs")
        let inotify = try Inotify()
        var changes = FileWatcher.Changes()
        var table = try WatchTable(roots: [folder.path(of: "runs")], inotify: inotify, changes: &changes)
        // Its event is thrown away, as the kernel does when the queue is full.
        try folder.createDirectory("runs/missed")
        inotify.read { _ in }

        changes = FileWatcher.Changes()
        table.handle(Inotify.Event(watch: -1, mask: UInt32(IN_Q_OVERFLOW), name: ""), &changes)
        #expect(changes.needsRescan)

        inotify.read { table.handle($0, &changes) }
        changes = FileWatcher.Changes()
        try folder.write("x", to: "runs/missed/a.jsonl")
        inotify.read { table.handle($0, &changes) }
        #expect(changes.paths(of: 0) == [try RelativePath(validating: "missed/a.jsonl")])
        #expect(!changes.needsRescan)
    }

    @Test func `events of forgotten watches change nothing`() throws {
        try folder.createDirectory("runs")
        var changes = FileWatcher.Changes()
        var table = try WatchTable(roots: [folder.path(of: "runs")], inotify: Inotify(), changes: &changes)
        changes = FileWatcher.Changes()
        table.handle(Inotify.Event(watch: 4_711, mask: UInt32(IN_MODIFY), name: "x"), &changes)
        #expect(changes.isEmpty)
    }
}

import Foundation

/// Tells which files below some folders change, as they change.
///
/// It is an asynchronous sequence of ``FileWatcher/Changes`` for one consumer. The first change after a quiet
/// time is delivered at once (well under a millisecond after the `write(2)`); what comes while the consumer
/// works is united and delivered when it asks again, at most one batch every `minimumInterval`.
///
/// Every folder below a root is watched, new ones too: a folder is listed after its watch was added, so files
/// made in it before count as changed. Symbolic links below a root are not followed. A root may be missing,
/// vanish and come back.
///
/// The watches are in place when `init` returns: whoever lists the roots after that misses nothing.
///
/// Source: inotify(7), the section "Limitations and caveats".
public final class FileWatcher: Sendable {
    /// What has changed since the previous batch.
    public struct Changes: Sendable, Equatable {
        /// Per root (its index as given), what was created, written, touched, renamed or removed.
        ///
        /// Paths are files and folders. A folder that was moved away or removed may be named alone: then
        /// everything below it is gone.
        public var paths: [Int: Set<RelativePath>] = [:]
        /// Whether changes were lost or a root vanished or came back: list everything again.
        public var needsRescan = false
        /// Folders that cannot be watched, for the user to read.
        public var problems: [FilesError] = []

        /// No changes.
        public init() {}

        init(paths: [Int: Set<RelativePath>] = [:], needsRescan: Bool = false, problems: [FilesError]) {
            self.paths = paths
            self.needsRescan = needsRescan
            self.problems = problems
        }

        /// Whether there is nothing to tell.
        public var isEmpty: Bool { paths.isEmpty && !needsRescan && problems.isEmpty }

        /// The changes below one root.
        ///
        /// - Parameter root: its index as given to the watcher.
        /// - Returns: paths below that root.
        public func paths(of root: Int) -> Set<RelativePath> { paths[root] ?? [] }

        mutating func insert(_ path: RelativePath, of root: Int) { paths[root, default: []].insert(path) }

        mutating func formUnion(_ other: Changes) {
            paths.merge(other.paths) { $0.union($1) }
            needsRescan = needsRescan || other.needsRescan
            problems += other.problems
        }
    }

    private let mailbox: WatcherMailbox

    /// Starts to watch.
    ///
    /// - Parameters:
    ///   - roots: folders, existing or not yet.
    ///   - minimumInterval: the least time between two batches.
    /// - Throws: ``FilesError/system(operation:path:code:)`` where the system gives no (more) watches; its
    ///   description names the limit to raise.
    public init(roots: [String], minimumInterval: Duration = .milliseconds(10)) throws(FilesError) {
        let inotify = try Inotify()
        var changes = Changes()
        let table = try WatchTable(roots: roots, inotify: inotify, changes: &changes)
        let mailbox = try WatcherMailbox()
        mailbox.post(Changes(problems: changes.problems))
        self.mailbox = mailbox
        let loop = WatcherLoop(inotify: inotify, mailbox: mailbox, minimumInterval: minimumInterval)
        // A thread of its own: it blocks in poll(2), which the cooperative pool must never do.
        Thread.detachNewThread { loop.run(table) }
    }

    deinit { mailbox.stop() }

    /// Ends the sequence and frees the watches.
    public func stop() { mailbox.stop() }
}

extension FileWatcher: AsyncSequence {
    /// Waits for the batches of one watcher.
    public struct AsyncIterator: AsyncIteratorProtocol {
        /// Keeps the watcher alive as long as somebody listens.
        let watcher: FileWatcher

        /// The next batch; nil when the watcher was stopped or the task was cancelled.
        public mutating func next() async -> Changes? { await watcher.mailbox.next() }

        /// The same as ``next()``: waiting needs no actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> Changes? {
            await watcher.mailbox.next()
        }
    }

    /// Starts to listen; there must be one listener at a time.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(watcher: self) }
}

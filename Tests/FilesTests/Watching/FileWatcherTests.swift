import Files
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct FileWatcherTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Unites batches until `isEnough` of what came.
    private func changes(
        of watcher: FileWatcher,
        until isEnough: (Set<String>, Bool) -> Bool
    ) async -> (paths: Set<String>, needsRescan: Bool) {
        var paths: Set<String> = []
        var needsRescan = false
        for await changes in watcher {
            for (root, set) in changes.paths { paths.formUnion(set.map { "\(root):\($0)" }) }
            needsRescan = needsRescan || changes.needsRescan
            if isEnough(paths, needsRescan) { break }
        }
        return (paths, needsRescan)
    }

    private func watch(_ names: String...) throws -> FileWatcher {
        try FileWatcher(roots: names.map { folder.path(of: $0) })
    }

    @Test func `reports appends, new files and removals, each under its root`() async throws {
        try folder.write("1\n", to: "runs/a/metrics.jsonl")
        try folder.write("old", to: "templates/old.mustache")
        let watcher = try watch("runs", "templates")
        try folder.append("2\n", to: "runs/a/metrics.jsonl")
        #expect(await changes(of: watcher) { paths, _ in !paths.isEmpty }.paths == ["0:a/metrics.jsonl"])
        try folder.write("new", to: "templates/new.mustache")
        try folder.remove("templates/old.mustache")
        let wanted: Set = ["1:new.mustache", "1:old.mustache"]
        #expect(await changes(of: watcher) { paths, _ in paths.isSuperset(of: wanted) }.needsRescan == false)
    }

    @Test func `misses no file made in folders too new to be watched`() async throws {
        try folder.createDirectory("runs")
        let watcher = try watch("runs")
        var wanted: Set<String> = []
        for index in 0..<200 {
            try folder.write("x", to: "runs/r\(index)/deep/er/metrics.jsonl")
            wanted.insert("0:r\(index)/deep/er/metrics.jsonl")
        }
        _ = await changes(of: watcher) { paths, _ in paths.isSuperset(of: wanted) }
        try folder.append("y", to: "runs/r77/deep/er/metrics.jsonl")
        let later = await changes(of: watcher) { paths, _ in paths.contains("0:r77/deep/er/metrics.jsonl") }
        #expect(!later.needsRescan)
    }

    @Test func `follows a folder that is renamed, in and out`() async throws {
        try folder.write("x", to: "runs/old/a.jsonl")
        try folder.write("x", to: "outside/b.jsonl")
        let watcher = try watch("runs")
        try FileSystem.rename(folder.path(of: "runs/old"), to: folder.path(of: "runs/new"))
        var wanted: Set = ["0:old", "0:new", "0:new/a.jsonl"]
        _ = await changes(of: watcher) { paths, _ in paths.isSuperset(of: wanted) }
        try FileSystem.rename(folder.path(of: "outside"), to: folder.path(of: "runs/in"))
        wanted = ["0:in", "0:in/b.jsonl"]
        _ = await changes(of: watcher) { paths, _ in paths.isSuperset(of: wanted) }
        try FileSystem.rename(folder.path(of: "runs/new"), to: folder.path(of: "gone"))
        _ = await changes(of: watcher) { paths, _ in paths.contains("0:new") }
        try folder.append("y", to: "gone/a.jsonl")
        try folder.append("y", to: "runs/in/b.jsonl")
        let last = await changes(of: watcher) { paths, _ in paths.contains("0:in/b.jsonl") }
        #expect(last.paths == ["0:in/b.jsonl"], "what moved out is watched no more")
    }

    @Test func `names the file that an atomic write replaced`() async throws {
        try folder.write("{}", to: "runs/a/run.json")
        let watcher = try watch("runs")
        try AtomicFile.write(Array("{\"id\":1}".utf8), to: folder.path(of: "runs/a/run.json"))
        _ = await changes(of: watcher) { paths, _ in paths.contains("0:a/run.json") }
    }

    @Test func `a root may vanish and come back`() async throws {
        try folder.write("x", to: "runs/a.jsonl")
        let watcher = try watch("runs")
        try folder.remove("runs")
        #expect(await changes(of: watcher) { $1 }.needsRescan)
        try folder.write("y", to: "runs/b/b.jsonl")
        _ = await changes(of: watcher) { paths, rescan in rescan && paths.contains("0:b/b.jsonl") }
        try folder.append("z", to: "runs/b/b.jsonl")
        _ = await changes(of: watcher) { paths, _ in paths.contains("0:b/b.jsonl") }
    }

    @Test func `a root may be made later, with the folders it lies in`() async throws {
        let watcher = try watch("not/yet/runs")
        try folder.write("y", to: "not/yet/runs/b.jsonl")
        _ = await changes(of: watcher) { paths, rescan in rescan && paths.contains("0:b.jsonl") }
        try folder.remove("not")
        _ = await changes(of: watcher) { $1 }
        try folder.write("y", to: "not/yet/runs/c.jsonl")
        _ = await changes(of: watcher) { paths, _ in paths.contains("0:c.jsonl") }
    }

    @Test func `roots may lie in one another`() async throws {
        try folder.createDirectory("site/public")
        let watcher = try FileWatcher(roots: [folder.path(of: "site"), folder.path(of: "site/public") + "/"])
        try folder.write("x", to: "site/public/a.css")
        _ = await changes(of: watcher) { paths, _ in paths.isSuperset(of: ["0:public/a.css", "1:a.css"]) }
    }

    @Test func `does not follow symbolic links below a root`() async throws {
        try folder.write("x", to: "outside/a.jsonl")
        try folder.createDirectory("runs")
        #expect(symlink(folder.path(of: "outside"), folder.path(of: "runs/link")) == 0)
        let watcher = try watch("runs")
        try folder.append("y", to: "outside/a.jsonl")
        try folder.write("y", to: "runs/end")
        let seen = await changes(of: watcher) { paths, _ in paths.contains("0:end") }
        #expect(seen.paths == ["0:end"])
    }

    @Test func `unites what comes while nobody asks`() async throws {
        try folder.createDirectory("runs")
        let watcher = try watch("runs")
        for index in 0..<500 { try folder.write("x", to: "runs/\(index)") }
        var batches = 0
        var seen: Set<RelativePath> = []
        for await changes in watcher {
            batches += 1
            seen.formUnion(changes.paths(of: 0))
            if seen.count == 500 { break }
        }
        #expect(batches <= 5, "the first batch holds what had come by then, the rest follows together")
    }

    @Test func `ends when it is stopped and when its listener is cancelled`() async throws {
        try folder.createDirectory("runs")
        let stopped = try watch("runs")
        stopped.stop()
        var iterator = stopped.makeAsyncIterator()
        #expect(await iterator.next() == nil)

        let watcher = try watch("runs")
        let listener = Task {
            for await _ in watcher {}
            return true
        }
        listener.cancel()
        #expect(await listener.value)
        // A cancelled listener leaves the watcher usable.
        try folder.write("x", to: "runs/a")
        _ = await changes(of: watcher) { paths, _ in paths.contains("0:a") }
    }

    /// The system lends a user 128 instances unless told otherwise: a leak would soon be refused one.
    @Test func `gives its inotify instance back`() async throws {
        try folder.createDirectory("runs")
        for round in 0..<300 {
            let watcher = try watch("runs")
            try folder.write("x", to: "runs/\(round)")
            _ = await changes(of: watcher) { paths, _ in !paths.isEmpty }
        }
    }

    /// The promise is 5 ms from the write; the median, because a test machine may be busy.
    @Test func `delivers within milliseconds of the write`() async throws {
        try folder.write("", to: "runs/a.jsonl")
        let watcher = try FileWatcher(roots: [folder.path(of: "runs")], minimumInterval: .zero)
        let clock = ContinuousClock()
        var delays: [Duration] = []
        let log = try OpenFile(folder.path(of: "runs/a.jsonl"), flags: O_WRONLY | O_APPEND)
        var iterator = watcher.makeAsyncIterator()
        for _ in 0..<50 {
            let start = clock.now
            try log.write(Array("{}\n".utf8))
            #expect(await iterator.next()?.paths(of: 0).count == 1)
            delays.append(start.duration(to: clock.now))
        }
        delays.sort()
        #expect(delays[25] < .milliseconds(5), "the slowest took \(delays[49])")
    }
}

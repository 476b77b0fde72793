import Files
import Testing

@testable import SiteGen

/// Which change calls for what.
@Suite struct ChangeSetTests {
    private func changes(_ paths: [Int: [String]], needsRescan: Bool = false) throws -> FileWatcher.Changes {
        var changes = FileWatcher.Changes()
        for (root, names) in paths {
            changes.paths[root] = Set(try names.map { try RelativePath(validating: $0) })
        }
        changes.needsRescan = needsRescan
        return changes
    }

    @Test func `a line concerns its run`() throws {
        let set = ChangeSet(
            try changes([0: ["a/metrics.jsonl", "a/run.json", "b.jsonl"]]),
            roots: [.runs, .templates]
        )
        #expect(
            set
                == ChangeSet(
                    entries: ["a", "b.jsonl"],
                    needsDiscovery: false,
                    templates: false,
                    assets: false
                )
        )
    }

    @Test func `hidden names concern nothing`() throws {
        #expect(ChangeSet(try changes([0: [".voxsite/journal.jsonl", ".x"]]), roots: [.runs]).isEmpty)
    }

    @Test func `a template concerns every page, a file of public only itself`() throws {
        #expect(
            ChangeSet(try changes([1: ["index.mustache"]]), roots: [.runs, .templates, .assets]).templates
        )
        let assets = ChangeSet(try changes([2: ["assets/x.css"]]), roots: [.runs, .templates, .assets])
        #expect(assets.assets && !assets.templates && assets.entries.isEmpty)
    }

    @Test func `lost events concern everything`() throws {
        #expect(ChangeSet(try changes([:], needsRescan: true), roots: [.runs]) == .everything)
    }

    @Test func `nothing concerns nothing, and sets unite`() throws {
        var set = ChangeSet(try changes([:]), roots: [.runs])
        #expect(set.isEmpty)
        set.formUnion(ChangeSet(try changes([0: ["a/x"]]), roots: [.runs]))
        set.formUnion(ChangeSet(try changes([1: ["y"]]), roots: [.runs, .templates]))
        #expect(set == ChangeSet(entries: ["a"], needsDiscovery: false, templates: true, assets: false))
    }
}

@testable import Collector
import Files
import Foundation
import Testing
import TestSupport

/// `voxsite sync` and rsync, side by side on the same trees.
@Suite(.enabled(if: Rsync.path != nil, Comment(rawValue: Rsync.absence)))
struct RsyncOracleTests {
    private static let names = ["a", "b.txt", "c d", "x.tmp", "Ünï", "e"]
    private static let folders = ["", "d/", "d/e/", "f.tmp/", "g/h/"]

    private func fill(_ fixture: SyncFixture, _ root: String, _ random: inout SeededRandom) throws {
        try FileSystem.createDirectories(fixture.path + "/" + root)
        for _ in 0..<Int.random(in: 0...9, using: &random) {
            let folder = Self.folders.randomElement(using: &random) ?? ""
            let name = folder + (Self.names.randomElement(using: &random) ?? "a")
            let text =
                String(repeating: "x", count: Int.random(in: 0...3, using: &random))
                + String(Int.random(in: 0...3, using: &random))
            // A file where the other tree has a folder is a case of its own.
            guard FileIdentity.find(fixture.path + "/" + root + "/" + name)?.kind != .directory else {
                continue
            }
            try? fixture.put(
                text,
                at: root + "/" + name,
                seconds: 1_700_000_000 + Int.random(in: 0...2, using: &random),
                mode: [0o644, 0o600, 0o755].randomElement(using: &random) ?? 0o644
            )
        }
        for entry in try DirectoryTree.walk(fixture.path + "/" + root).reversed()
        where entry.kind == .directory {
            fixture.setTime(
                of: root + "/" + entry.path.string,
                seconds: 1_600_000_000 + Int.random(in: 0...1, using: &random)
            )
        }
        fixture.setTime(of: root, seconds: 1_600_000_000 + Int.random(in: 0...1, using: &random))
    }

    private func copy(_ fixture: SyncFixture, _ from: String, _ to: String) throws {
        guard FileIdentity.find(fixture.path + "/" + from) != nil else { return }
        try FileManager.default.copyItem(atPath: fixture.path + "/" + from, toPath: fixture.path + "/" + to)
        for entry in try DirectoryTree.walk(fixture.path + "/" + from).reversed() {
            fixture.setTime(
                of: to + "/" + entry.path.string,
                seconds: Int(entry.identity.modifiedNanoseconds / 1_000_000_000)
            )
        }
        let identity = try FileIdentity(ofFileAt: fixture.path + "/" + from)
        fixture.setTime(of: to, seconds: Int(identity.modifiedNanoseconds / 1_000_000_000))
    }

    @Test(arguments: 0..<40)
    func theSameTreesAndTheSameChangesComeOut(round: Int) async throws {
        var random = SeededRandom.fresh()
        for _ in 0..<round { _ = random.next() }
        let fixture = try SyncFixture()
        try fill(fixture, "from", &random)
        let exists = Int.random(in: 0...3, using: &random) > 0
        if exists {
            try fill(fixture, "ours/to", &random)
        } else {
            try FileSystem.createDirectories(fixture.path + "/ours")
        }
        try copy(fixture, "ours", "theirs")
        var options = [["-ri"], ["-rti"], ["-ai"]].randomElement(using: &random) ?? []
        func sometimes(_ option: String, _ oneIn: Int) {
            if Int.random(in: 0..<oneIn, using: &random) == 0 { options.append(option) }
        }
        sometimes("--checksum", 3)
        sometimes("--size-only", 4)
        sometimes("--delete", 2)
        sometimes("-n", 4)
        sometimes("--exclude=*.tmp", 3)
        sometimes("--include=/d/", 3)
        sometimes("--exclude=d", 4)
        sometimes("--chmod=D750,F640", 5)
        sometimes("--max-delete=1", 5)
        if !options.contains("--delete") { options.removeAll { $0.hasPrefix("--max-delete") } }
        let source = Bool.random(using: &random) ? "@:from/" : "@:from"
        let theirs = try await fixture.rsync(options + [source, "@:theirs/to"])
        let ours = try await fixture.sync(options + [source, "@:ours/to"])
        let words: Comment = "\(options) \(source) \(random), round \(round)"
        // The one case in which we are to differ: nothing takes part, and all of the destination would go.
        if case .deletionStopped = ours.result.failure {
            let filters = options.filter { $0.hasPrefix("--ex") || $0.hasPrefix("--in") }
            let chosen = try await fixture.rsync(["-rn", "--out-format=%n"] + filters + [source, "@:none"])
            #expect(chosen.output.filter { $0 != "./" && $0 != "from/" } == [], words)
            #expect(try fixture.tree("ours").count > 1, words)
            return
        }
        #expect(ours.result.exitStatus == theirs.status, words)
        // With a limit, which names go depends on the order.
        guard !options.contains("--max-delete=1") else { return }
        #expect(ours.output.sorted() == theirs.output.sorted(), words)
        let times = !options.contains("-ri")
        #expect(
            try fixture.tree("ours", withTimes: false) == fixture.tree("theirs", withTimes: false),
            words
        )
        guard times, exists || !options.contains("-n") else { return }
        #expect(try fixture.tree("ours/to") == fixture.tree("theirs/to"), words)
    }

    @Test(arguments: 0..<40)
    func theSameNamesAreChosen(round: Int) async throws {
        var random = SeededRandom.fresh()
        for _ in 0..<(1_000 + round) { _ = random.next() }
        let fixture = try SyncFixture()
        let parts = ["a", "b", "ab", "a.b", "foo", "a b", "[x]"]
        for _ in 0..<25 {
            let depth = Int.random(in: 1...4, using: &random)
            let name = (0..<depth).map { _ in parts.randomElement(using: &random) ?? "a" }.joined(
                separator: "/"
            )
            try? fixture.put("x", at: "from/" + name)
        }
        let pieces = [
            "a", "b", "foo", "*", "**", "***", "?", "/", "/", "[ab]", "[!a]", "[^b]", "[[:alpha:]]", ".",
            "\\[", "x", "]",
            "a*", "[a-b]",
        ]
        var options: [String] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            var pattern = random.text(1...4, of: pieces)
            // rsync takes these for something else, or two slashes that no name has.
            while pattern.contains("//") { pattern = pattern.replacingOccurrences(of: "//", with: "/") }
            if pattern == "/" { pattern = "/a" }
            options.append((Bool.random(using: &random) ? "--include=" : "--exclude=") + pattern)
        }
        if Bool.random(using: &random) { options.append("--exclude=*") }
        let source = Bool.random(using: &random) ? "@:from/" : "@:from"
        let theirs = try await fixture.rsync(["-rn", "--out-format=%n"] + options + [source, "@:theirs"])
        let ours = try await fixture.sync(["-rn", "--out-format=%n"] + options + [source, "@:theirs"])
        #expect(
            ours.output.sorted() == theirs.output.sorted(),
            "\(options) \(source) \(random), round \(round)"
        )
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var testDescription: String { arguments.joined(separator: " ") }
        init(_ arguments: String...) { self.arguments = arguments }
    }

    /// Cases of main.c's `get_local_name`, of the trailing slash, and of exit codes; `TO` is each program's own.
    @Test(arguments: [
        Case("-i", "@:s", "@:TO/new"), Case("-i", "@:s/", "@:TO/new"), Case("-i", "@:s/a", "@:TO/new"),
        Case("-i", "@:s/a", "@:TO/new/"), Case("-i", "@:s/a", "@:TO/folder"),
        Case("-i", "@:s/a", "@:TO/file"),
        Case("-i", "@:s/a", "@:s/b", "@:TO/new"), Case("-i", "@:s/a", "@:s/b", "@:TO/file"),
        Case("-ri", "@:s", "@:TO/new"), Case("-ri", "@:s/", "@:TO/new"), Case("-ri", "@:s", "@:TO/file"),
        Case("-ri", "@:s/.", "@:TO/new"), Case("-ri", "@:s/d", "@:s/a", "@:TO/folder"),
        Case("-ri", "@:s/", "@:TO/no/such/place"), Case("-ri", "--mkpath", "@:s/", "@:TO/no/such/place"),
        Case("-i", "--mkpath", "@:s/a", "@:TO/no/such/place"),
        Case("-i", "--mkpath", "@:s/a", "@:TO/no/such/"),
        Case("-i", "@:s/none", "@:TO/new"), Case("-i", "@:s/a", "@:s/none", "@:TO/folder"),
        Case("-ri", "@:s/d/", "@:s/", "@:TO/folder"), Case("-ai", "@:s", "@:TO/link"),
        Case("-ri", "@:s/", "@:TO/clash"), Case("-ri", "--delete", "@:s/", "@:TO/clash"),
        Case("-ri", "@:s/d", "@:TO/folder"), Case("-ai", "--files-from=@:list", "@:s", "@:TO/new"),
        Case("-ai", "--files-from=@:list", "@:s/", "@:TO/folder"),
        Case("-ri", "--files-from=@:list", "@:s/", "@:TO/folder"),
        Case("-ai", "--exclude-from=@:rules", "@:s/", "@:TO/new"),
        Case("-ai", "--delete", "--exclude-from=@:rules", "@:s/", "@:TO/folder"),
        Case("-ai", "--backup-dir=old", "@:s/", "@:TO/folder"),
        Case("-ai", "--delete", "--backup-dir=old/er", "@:s/", "@:TO/folder"),
        Case("-ai", "--append-verify", "@:s/", "@:TO/folder"), Case("-n", "-ai", "@:s/", "@:TO/new"),
        Case("-a", "--out-format=%-12n|%l|%'l|%M|%L|%B", "@:s/", "@:TO/new"),
        Case("-av", "@:s/d/", "@:TO/folder/d"),
        Case("--delete", "@:s/", "@:TO/new"), Case("-a", "--bwlimit=x", "@:s/", "@:TO/new"),
        Case("-a", "--no-such-option", "@:s/", "@:TO/new"),
    ])
    func theSameComesOfEachWayToCallIt(case one: Case) async throws {
        let fixture = try SyncFixture()
        for (index, name) in ["s/a", "s/b", "s/c/x", "s/d/e/f", "s/d/g", "s/z.tmp"].enumerated() {
            try fixture.put("text \(index)", at: name, seconds: 1_700_000_000 + index)
        }
        for program in ["ours", "theirs"] {
            try fixture.put("old", at: "\(program)/file")
            try fixture.put("text", at: "\(program)/folder/a", seconds: 1_500_000_000)
            try fixture.put("longer text", at: "\(program)/folder/b", seconds: 1_500_000_000)
            try fixture.put("old", at: "\(program)/folder/extra/1", seconds: 1_500_000_000)
            try fixture.put("old", at: "\(program)/clash/a/1")
            try fixture.put("old", at: "\(program)/clash/d")
            try FileSystem.createDirectories(fixture.path + "/\(program)/folder/d")
            try FileManager.default.createSymbolicLink(
                atPath: fixture.path + "/\(program)/link",
                withDestinationPath: "folder"
            )
            for name in ["folder/extra", "folder/d", "folder", "clash/a", "clash"] {
                fixture.setTime(of: "\(program)/\(name)", seconds: 1_400_000_000)
            }
        }
        for name in ["s/d/e", "s/d", "s/c", "s"] { fixture.setTime(of: name, seconds: 1_450_000_000) }
        try fixture.put("a\n; no\nd/e\nc/x\nnone\n", at: "list")
        try fixture.put("# all\n*.tmp\n\n+ /c/\n- /d/\n", at: "rules")
        func arguments(_ program: String) -> [String] {
            one.arguments.map { $0.replacingOccurrences(of: "@:TO", with: "@:" + program) }
        }
        let theirs = try await fixture.rsync(arguments("theirs"))
        let ours: (status: Int32, output: [String])
        do {
            let outcome = try await fixture.sync(arguments("ours"))
            ours = (outcome.result.exitStatus, outcome.output)
        } catch let error as CollectorError {
            ours = (error.exitStatus, [])
        }
        #expect(ours.status == theirs.status)
        if one.arguments.contains("-av") {
            // Sums of the protocol are rsync's own.
            let lines = theirs.output.prefix { !$0.isEmpty }.dropFirst()
            #expect(ours.output.dropLast().sorted() == lines.sorted())
        } else {
            #expect(ours.output.sorted() == theirs.output.sorted())
        }
        let times = one.arguments.contains { $0.hasPrefix("-a") && $0 != "--append-verify" }
        let trees = (
            Set(try fixture.tree("ours", withTimes: times)), Set(try fixture.tree("theirs", withTimes: times))
        )
        #expect(trees.0.subtracting(trees.1).sorted() == trees.1.subtracting(trees.0).sorted())
    }
}

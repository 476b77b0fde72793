import Files
import Foundation
import TestSupport
import Testing

@testable import SiteGen

/// Building, building on, and failing: `ARCHITECTURE.md`, "The site".
@Suite struct SiteBuilderTests {
    @Test func `the same input gives the same bytes`() async throws {
        let fixture = try BuildFixture()
        for step in 0..<300 {
            try fixture.append(BuildFixture.line(step, loss: 1 / Double(step + 1)), to: "a")
        }
        _ = try await fixture.builder(output: "one").build()
        _ = try await fixture.builder(output: "two").build()
        let one = try fixture.tree("one")
        #expect(one.count > 10)
        #expect(try fixture.tree("two") == one)
    }

    @Test func `an incremental site equals a clean build, whatever happens to the runs`() async throws {
        var random = SeededRandom.fresh()
        let fixture = try BuildFixture()
        let builder = try fixture.builder()
        _ = try await builder.build()
        var steps = ["a": 0, "b": 0, "c": 0]
        for round in 0..<25 {
            let run = ["a", "b", "c"].randomElement(using: &random) ?? "a"
            var text = ""
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let step = steps[run, default: 0]
                text += BuildFixture.line(step, loss: Double.random(in: 0...1, using: &random))
                steps[run] = step + 1
            }
            switch Int.random(in: 0..<10, using: &random) {
            case 0: steps[run] = steps[run, default: 0] / 2
            case 1:
                try? FileManager.default.removeItem(atPath: fixture.folder.path(of: "runs/\(run)"))
                steps[run] = 0
            case 2: text += "{\"event\":\"status\",\"status\":\"completed\",\"time\":5900}\n"
            case 3: text += "broken\n{\"new/key\(round)\":1,\"step\":\(steps[run, default: 0])}\n"
            default: break
            }
            if FileIdentity.find(fixture.folder.path(of: "runs")) != nil { try fixture.append(text, to: run) }
            _ = try await builder.build(fixture.change(run))
        }
        _ = try await fixture.builder(output: "clean").build()
        let (grown, clean) = (try fixture.tree(), try fixture.tree("clean"))
        #expect(Set(grown.keys) == Set(clean.keys), "\(random)")
        for (path, bytes) in clean { #expect(grown[path] == bytes, "\(path), \(random)") }
    }

    @Test func `a line changes the files of its run and of all runs, no others`() async throws {
        let fixture = try BuildFixture()
        for run in ["a", "b"] {
            for step in 0..<50 { try fixture.append(BuildFixture.line(step, loss: 1), to: run) }
        }
        let builder = try fixture.builder()
        _ = try await builder.build()
        try fixture.append(BuildFixture.line(50, loss: 0.5), to: "a")
        let report = try await builder.build(fixture.change("a"))
        #expect(report.rendered == ["a"])
        #expect(
            report.changedPaths.contains("runs/a/index.html") && report.changedPaths.contains("index.html")
        )
        #expect(!report.changedPaths.contains { $0.contains("/b/") || $0.hasPrefix("assets/") })
        let idle = try await builder.build(fixture.change("a"))
        #expect(idle.changedPaths.isEmpty && idle.rendered.isEmpty)
    }

    @Test func `time alone turns a running run silent`() async throws {
        let fixture = try BuildFixture()
        try fixture.append(BuildFixture.line(990, loss: 1), to: "a")
        let builder = try fixture.builder()
        _ = try await builder.build()
        #expect(try fixture.page("api/runs/a.json").contains("\"running\""))
        fixture.clock.advance(bySeconds: 120)
        let report = try await builder.build(fixture.change())
        #expect(report.rendered == ["a"])
        #expect(try fixture.page("api/runs/a.json").contains("\"silent\""))
    }

    @Test func `a broken template keeps the last good site and is cleared by its mending`() async throws {
        let fixture = try BuildFixture()
        try fixture.append(BuildFixture.line(1, loss: 1), to: "a")
        let builder = try fixture.builder()
        _ = try await builder.build()
        let good = try fixture.tree()
        try fixture.folder.write(
            "{{% CONTENT_TYPE:VOXSITE}}\n<p>{{nonsense}}</p>\n",
            to: "templates/index.mustache"
        )
        try fixture.append(BuildFixture.line(2, loss: 0.5), to: "a")
        let templates = ChangeSet(entries: ["a"], needsDiscovery: false, templates: true, assets: false)
        let failure = await #expect(throws: SiteGenError.self) { try await builder.build(templates) }
        guard case .template(let file, let line, let reason)? = failure else {
            Issue.record("\(String(describing: failure)) is no template error")
            return
        }
        #expect(file.hasSuffix("index.mustache") && line == 2 && reason.contains("nonsense"))
        #expect(try fixture.tree() == good)
        try FileManager.default.removeItem(atPath: fixture.folder.path(of: "templates/index.mustache"))
        _ = try await builder.build(
            ChangeSet(entries: [], needsDiscovery: false, templates: true, assets: false)
        )
        // The line that came during the failure is there now.
        #expect(try fixture.page("api/runs/a/csv/train-loss-\(slugHash).csv").contains("\r\n2,") == true)
        _ = try await fixture.builder(output: "clean").build()
        #expect(try fixture.tree() == fixture.tree("clean"))
    }

    private var slugHash: String { String(SeriesSlug.slug(for: "train/loss").suffix(8)) }

    @Test func `runs that go away take their files with them`() async throws {
        let fixture = try BuildFixture()
        for run in ["a", "b"] { try fixture.append(BuildFixture.line(1, loss: 1), to: run) }
        let builder = try fixture.builder()
        _ = try await builder.build()
        try FileManager.default.removeItem(atPath: fixture.folder.path(of: "runs/b"))
        _ = try await builder.build(fixture.change("b"))
        #expect(try !fixture.tree().keys.contains { $0.contains("/b/") || $0.contains("/b.") })
    }

    /// A clip is carried after the line that names it; logs must not publish what browsers run.
    @Test func `clips appear when they arrive, and nothing but clips does`() async throws {
        let fixture = try BuildFixture()
        try fixture.append(
            BuildFixture.line(1, loss: 1)
                + "{\"event\":\"sample\",\"video\":\"media/a.mp4\",\"audio\":\"index.html\",\"poster\":\"media/x.svg\"}\n",
            to: "a"
        )
        try fixture.folder.write("<script>alert(1)</script>", to: "runs/a/index.html")
        try fixture.folder.write("<svg/>", to: "runs/a/media/x.svg")
        let builder = try fixture.builder()
        _ = try await builder.build()
        #expect(try !fixture.tree().keys.contains { $0.hasPrefix("runs/a/media") })
        #expect(try !fixture.page("runs/a/index.html").contains("alert(1)"))
        try fixture.folder.write("clip", to: "runs/a/media/a.mp4")
        var changes = FileWatcher.Changes()
        changes.paths[0] = [try RelativePath(validating: "a/media/a.mp4")]
        _ = try await builder.build(ChangeSet(changes, roots: [.runs]))
        #expect(try fixture.tree()["runs/a/media/a.mp4"] == Array("clip".utf8))
        #expect(try fixture.page("runs/a/index.html").contains("media/a.mp4"))
    }

    /// `api/runs/a.json` is a file; a run of that name must not need it to be a folder.
    @Test func `runs whose names collide with files of the site stand beside each other`() async throws {
        let fixture = try BuildFixture()
        for name in ["a", "a.json", "a.json.gz", "index.html"] {
            try fixture.append(BuildFixture.line(1, loss: 1), to: name)
        }
        let report = try await fixture.builder().build()
        #expect(report.runCount == 4 && report.warnings.isEmpty)
        #expect(try fixture.tree().keys.filter { $0.hasSuffix("/series.json") }.count == 4)
    }

    @Test func `a name as long as names can be does not stop a build`() async throws {
        let fixture = try BuildFixture()
        let clip = String(repeating: "x", count: 251) + ".wav"
        try fixture.folder.write("clip", to: "runs/a/\(clip)")
        try fixture.append("{\"event\":\"sample\",\"audio\":\"\(clip)\"}\n", to: "a")
        _ = try await fixture.builder().build()
        #expect(try fixture.tree()["runs/a/\(clip)"] == Array("clip".utf8))
    }

    /// A link may be put there between looking and copying: only the kernel's own check counts.
    @Test func `media behind a symbolic link is not copied, whenever the link appears`() async throws {
        let fixture = try BuildFixture()
        try fixture.folder.write("secret", to: "elsewhere/a.mp4")
        try fixture.folder.createDirectory("runs/a")
        try FileManager.default.createSymbolicLink(
            atPath: fixture.folder.path(of: "runs/a/media"),
            withDestinationPath: fixture.folder.path(of: "elsewhere")
        )
        try fixture.append("{\"event\":\"sample\",\"video\":\"media/a.mp4\"}\n", to: "a")
        _ = try await fixture.builder().build()
        #expect(try !fixture.tree().keys.contains("runs/a/media/a.mp4"))
        #expect(try fixture.page("runs/a/index.html").contains("media/a.mp4: Too many levels"))
        let file = OutputFile(
            path: try RelativePath(validating: "runs/a/media/a.mp4"),
            contents: .copy(
                of: try RelativePath(validating: "media/a.mp4"),
                below: fixture.folder.path(of: "runs/a")
            ),
            isCompressible: false
        )
        let publisher = try Publisher(siteRoot: fixture.folder.path(of: "other"))
        #expect(try await publisher.publish([file]).skipped.count == 1)
    }

    @Test func `a run that cannot be read says so on its page`() async throws {
        let fixture = try BuildFixture()
        try fixture.folder.write(Array(repeating: 0x81, count: 5000), to: "runs/noise/metrics.jsonl")
        try fixture.append("nonsense\n", to: "words")
        _ = try await fixture.builder().build()
        #expect(try fixture.page("runs/words/index.html").contains("No line could be read"))
        #expect(try fixture.page("runs/words/index.html").contains("words/metrics.jsonl:1"))
    }

    /// SGD that diverges in double precision, a file from the future, steps no two of which can be told apart.
    @Test func `no value, step or date stops a build`() async throws {
        let fixture = try BuildFixture()
        for (name, text) in [
            ("diverges", (0..<100).map { "{\"step\":\($0),\"loss\":1e\(3 * $0)}\n" }.joined()),
            ("vanishes", (0..<100).map { "{\"step\":\($0),\"loss\":1e-\(3 * $0)}\n" }.joined()),
            ("extremes", "{\"step\":0,\"loss\":1.7e308}\n{\"step\":1,\"loss\":-1.7e308}\n"),
            ("crowded", "{\"step\":0,\"a\":1}\n{\"step\":5e-324,\"a\":2}\n"),
            ("far", "{\"step\":1e300,\"a\":1}\n{\"step\":-1e300,\"a\":2}\n{\"step\":1.7e308,\"a\":2}\n"),
        ] { try fixture.append(text, to: name) }
        let path = fixture.folder.path(of: "runs/far/metrics.jsonl")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1e10)],
            ofItemAtPath: path
        )
        let report = try await fixture.builder().build()
        #expect(report.runCount == 5)
        #expect(try fixture.page("index.html").contains("diverges"))
    }

    @Test func `the page for missing addresses knows where the site stands`() async throws {
        let fixture = try BuildFixture()
        var configuration = fixture.configuration()
        configuration.mountPath = "/training/"
        _ = try await SiteBuilder(configuration).build()
        let page = try fixture.page("404.html")
        #expect(page.contains("href=\"/training/assets/voxsite.css\"") && !page.contains("href=\"/assets"))
    }

    @Test func `an empty folder of runs is a site, a missing one an error that says what to do`() async throws
    {
        let fixture = try BuildFixture()
        let report = try await fixture.builder().build()
        #expect(report.runCount == 0)
        #expect(try fixture.page("index.html").contains("<h1"))
        try FileManager.default.removeItem(atPath: fixture.folder.path(of: "runs"))
        await #expect(throws: SiteGenError.self) { try await fixture.builder(output: "other").build() }
    }

    @Test(.enabled(if: RealLogs.directory != nil, Comment(rawValue: RealLogs.absence)))
    func `every real log becomes a page`() async throws {
        let logs = try #require(RealLogs.directory)
        let fixture = try BuildFixture()
        var configuration = fixture.configuration()
        configuration.runs = logs + "/jsonl"
        let report = try await SiteBuilder(configuration).build()
        #expect(try report.runCount == DirectoryTree.names(in: configuration.runs).count)
        #expect(report.runCount > 0 && report.badLineCount == 0 && report.warnings.isEmpty)
        for id in report.rendered {
            let page = try fixture.page("runs/\(id)/index.html")
            #expect(page.contains("<figure") && page.contains("class=\"series"), "\(id)")
        }
    }

    @Test func `sixty thousand lines over a million steps fit a phone's connection`() async throws {
        var random = SeededRandom(seed: 11)
        var text: [UInt8] = []
        for step in 0..<60_000 {
            let noise = Double.random(in: -1...1, using: &random)
            text += Array(
                """
                {"time":\(5000 + step),"step":\(step * 17),"train/loss":\(3 + noise),"train/ctc_loss":\(2 + noise * noise),\
                "train/ce_loss":\(4 - noise),"train/learning_rate":\(1e-4 + noise * 1e-6),"train/grad_norm":\(noise * noise),\
                "train/steps_per_second":\(4 + noise),"system/gpu_util":\(90 + noise)}

                """.utf8
            )
        }
        let fixture = try BuildFixture()
        try fixture.folder.write(text, to: "runs/big/metrics.jsonl")
        _ = try await fixture.builder().build()
        let page = try fixture.tree()
        #expect((page["runs/big/index.html"]?.count ?? .max) <= 300_000)
        #expect((page["runs/big/index.html.gz"]?.count ?? .max) <= 60_000)
    }
}

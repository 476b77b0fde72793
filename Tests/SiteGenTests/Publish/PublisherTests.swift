import Files
import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite(.timeLimit(.minutes(1))) struct PublisherTests {
    private let folder: TemporaryDirectory
    private var site: String { folder.path(of: "site") }

    init() throws { folder = try TemporaryDirectory() }

    private func page(_ path: String, _ text: String) throws -> OutputFile {
        OutputFile(
            path: try RelativePath(validating: path),
            contents: .bytes(Array(text.utf8)),
            isCompressible: true
        )
    }

    private func paths(_ names: String...) throws -> [RelativePath] {
        try names.map { try RelativePath(validating: $0) }
    }

    private func names(of publisher: isolated Publisher) throws -> [String] {
        try DirectoryTree.walk(publisher.siteRoot).filter { $0.kind != .directory }.map(\.path.string)
    }

    @Test func `writes files, skips equal bytes, removes what is no longer made`() async throws {
        let publisher = try Publisher(siteRoot: site)
        var report = try await publisher.publish([page("index.html", "a"), page("runs/x/index.html", "b")])
        #expect(report.written == (try paths("index.html", "runs/x/index.html")))
        #expect(report.isAtomic)
        #expect(try folder.readText("site/runs/x/index.html") == "b")

        report = try await publisher.publish([page("index.html", "a"), page("runs/x/index.html", "c")])
        #expect(report.written == (try paths("runs/x/index.html")))
        #expect(report.unchanged == 1)
        #expect(report.bytesWritten == 1)

        let gone = try paths("runs/x/index.html", "no")
        report = try await publisher.publish([page("index.html", "a")], removed: gone)
        #expect(report.removed == (try paths("runs/x/index.html")))
        #expect(!folder.exists("site/runs"), "folders left empty go too")
        #expect(try await names(of: publisher) == [".voxsite-manifest", "index.html"])

        let before = FileIdentity.find(site)
        report = try await publisher.publish([page("index.html", "a")])
        #expect(!report.hasChanges)
        #expect(FileIdentity.find(site) == before, "nothing new, no switch")
    }

    @Test func `a complete publish removes everything of ours that is not in it`() async throws {
        do {
            let first = try Publisher(siteRoot: site)
            _ = try await first.publish([page("index.html", "a"), page("old/deep/page.html", "b")])
            await first.close()
        }
        try folder.write("mine", to: "site/old/robots.txt")
        let second = try Publisher(siteRoot: site)
        let report = try await second.publish(complete: [page("index.html", "a")])
        #expect(report.removed == (try paths("old/deep/page.html")))
        #expect(report.unchanged == 1, "found equal on the disk after a restart")
        #expect(try await names(of: second) == [".voxsite-manifest", "index.html", "old/robots.txt"])
    }

    @Test func `carries along what people add, change and remove by hand`() async throws {
        let publisher = try Publisher(siteRoot: site)
        _ = try await publisher.publish([page("index.html", "0"), page("runs/x/index.html", "0")])
        try folder.write("User-agent: *", to: "site/robots.txt")
        try folder.write("deep", to: "site/mine/a/b.txt")
        let link = folder.path(of: "site/link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "mine")
        for version in 1...4 {
            _ = try await publisher.publish([page("index.html", "\(version)")])
            #expect(try folder.readText("site/robots.txt") == "User-agent: *")
            #expect(try folder.readText("site/mine/a/b.txt") == "deep")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "mine")
            try folder.write("\(version)", to: "site/runs/x/note\(version).txt")
        }
        try folder.write("changed", to: "site/robots.txt")
        try folder.remove("site/mine")
        for version in 5...8 {
            _ = try await publisher.publish([page("index.html", "\(version)")])
            #expect(try folder.readText("site/robots.txt") == "changed")
            #expect(!folder.exists("site/mine"))
            #expect(try folder.readText("site/runs/x/note4.txt") == "4")
        }
    }

    @Test func `tells which files of ours somebody else removed`() async throws {
        let publisher = try Publisher(siteRoot: site)
        let long = String(repeating: "long ", count: 200)
        _ = try await publisher.publish([page("index.html", "0"), page("runs/x/index.html", long)])
        try folder.remove("site/runs")
        var report = try await publisher.publish([page("index.html", "1")])
        #expect(report.lost == (try paths("runs/x/index.html")))
        report = try await publisher.publish([page("runs/x/index.html", long)])
        #expect(report.written.count == 1)

        try folder.remove("site")
        report = try await publisher.publish([page("index.html", "2")])
        #expect(report.lost == (try paths("runs/x/index.html")))
        #expect(try await names(of: publisher) == [".voxsite-manifest", "index.html"])
    }

    @Test func `writes again what somebody else changed`() async throws {
        let publisher = try Publisher(siteRoot: site)
        _ = try await publisher.publish([page("index.html", "ours")])
        try folder.append("theirs", to: "site/index.html")
        _ = try await publisher.publish([page("index.html", "ours")])
        #expect(try folder.readText("site/index.html") == "ours")
    }

    @Test func `gzip twins decompress to their files and go with them`() async throws {
        let publisher = try Publisher(siteRoot: site)
        let text = (0..<2_000).map { "line \($0)\n" }.joined()
        _ = try await publisher.publish([page("a.html", text), page("tiny.html", "x")])
        #expect(!folder.exists("site/tiny.html.gz"))
        #expect(try unzipped("site/a.html.gz") == text)
        let first = try folder.read("site/a.html.gz")

        let again = try Publisher(siteRoot: folder.path(of: "other"))
        _ = try await again.publish([page("a.html", text)])
        #expect(try folder.read("other/a.html.gz") == first, "same input, same bytes")

        _ = try await publisher.publish([page("a.html", text + "more")])
        #expect(try unzipped("site/a.html.gz") == text + "more")
        _ = try await publisher.publish([page("a.html", "short")])
        #expect(!folder.exists("site/a.html.gz"))
        _ = try await publisher.publish([page("a.html", text)])
        _ = try await publisher.publish([], removed: paths("a.html"))
        #expect(try await names(of: publisher) == [".voxsite-manifest", "tiny.html"])
    }

    private func unzipped(_ name: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-dc", folder.path(of: name)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    @Test func `copies media, skips what has the same size and time, never shares the file`() async throws {
        try folder.write([0, 1, 2], to: "runs/clip.mp4")
        let clip = OutputFile(
            path: try RelativePath(validating: "runs/x/media/clip.mp4"),
            contents: .copy(of: try RelativePath(validating: "clip.mp4"), below: folder.path(of: "runs")),
            isCompressible: false
        )
        let publisher = try Publisher(siteRoot: site)
        #expect(try await publisher.publish([clip]).written.count == 1)
        #expect(try await publisher.publish([clip]).unchanged == 1)
        let source = FileIdentity.find(folder.path(of: "runs/clip.mp4"))
        let copy = FileIdentity.find(folder.path(of: "site/runs/x/media/clip.mp4"))
        #expect(source?.inode != copy?.inode)
        #expect(source?.modifiedNanoseconds == copy?.modifiedNanoseconds)

        try folder.write([9, 9, 9, 9], to: "runs/clip.mp4")
        #expect(try folder.read("site/runs/x/media/clip.mp4") == [0, 1, 2])
        #expect(try await publisher.publish([clip]).written.count == 1)
        #expect(try folder.read("site/runs/x/media/clip.mp4") == [9, 9, 9, 9])

        try folder.remove("runs/clip.mp4")
        let report = try await publisher.publish([clip, page("index.html", "goes on")])
        #expect(report.skipped.isEmpty, "what was removed a moment ago is nobody's mistake")
        #expect(try folder.read("site/runs/x/media/clip.mp4") == [9, 9, 9, 9], "the last good copy stays")
        #expect(try folder.readText("site/index.html") == "goes on")
    }

    @Test func `an old version stays whole for a reader that has it open`() async throws {
        let publisher = try Publisher(siteRoot: site)
        _ = try await publisher.publish([page("a.html", "1"), page("b.html", "1")])
        let old = FileIdentity.find(site)
        _ = try await publisher.publish([page("a.html", "2"), page("b.html", "2")])
        let hidden = folder.path(of: ".site.voxsite-next")
        #expect(FileIdentity.find(hidden)?.inode == old?.inode, "the old folder waits for its next turn")
        #expect(try folder.readText(".site.voxsite-next/a.html") == "1")
        await publisher.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["site"])
    }
}

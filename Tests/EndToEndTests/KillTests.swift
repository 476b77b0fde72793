import Files
import Foundation
import TestSupport
import Testing

/// A builder that is killed at any moment leaves one complete version of the site.
@Suite(.timeLimit(.minutes(5))) struct KillTests {
    private static let rounds = 50

    @Test func `killed fifty times during a watch, the site is always whole`() async throws {
        var random = SeededRandom.fresh()
        let folder = try TemporaryDirectory()
        let program = try #require(Products.executable("voxsite"))
        try folder.write("", to: "runs/a/metrics.jsonl")
        var step = 0
        for round in 0..<Self.rounds {
            let builder = try ChildProcess(program, ["build", "--watch"], directory: folder.path)
            _ = try await builder.waitForError(containing: "Watching")
            // Lines keep coming while the kill falls at a random moment of one of the builds.
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                try folder.append(Self.line(step), to: "runs/a/metrics.jsonl")
                step += 1
                busyWait(microseconds: Int.random(in: 0...12_000, using: &random))
            }
            builder.signal(SIGKILL)
            _ = try await builder.waitForExit()
            try Self.check(folder.path(of: "site"), linesWritten: step, "round \(round), \(random)")
        }
        // And the next builder brings it up to date.
        let last = try ChildProcess(program, ["build"], directory: folder.path)
        #expect(try await last.waitForExit() == 0)
        let page = try String(contentsOfFile: folder.path(of: "site/api/runs/a.json"), encoding: .utf8)
        #expect(page.contains("\"count\":\(step)"))
        let leftovers = try DirectoryTree.names(in: folder.path).map(\.name)
        #expect(Set(leftovers) == ["runs", "site"])
    }

    private static func line(_ step: Int) -> String { "{\"step\":\(step),\"loss\":\(step)}\n" }

    private func busyWait(microseconds: Int) {
        let end = ContinuousClock.now + .microseconds(microseconds)
        while ContinuousClock.now < end {}
    }

    /// Every file that tells how far the run is tells the same, and every twin is as long as its file.
    private static func check(_ site: String, linesWritten: Int, _ comment: String) throws {
        func text(_ path: String) throws -> String {
            try String(contentsOfFile: site + "/" + path, encoding: .utf8)
        }
        let run = try text("api/runs/a.json")
        let series = try text("api/runs/a/series.json")
        let counts = try [run, series].map { text -> Int in
            guard let match = text.firstMatch(of: /"count":(\d+)/) else { return 0 }
            return try #require(Int(match.1))
        }
        #expect(counts[0] == counts[1] && counts[0] <= linesWritten, "\(comment)")
        let page = try text("runs/a/index.html")
        let index = try text("index.html")
        #expect(page.hasSuffix("</html>\n") && index.hasSuffix("</html>\n"), "\(comment)")
        for entry in try DirectoryTree.walk(site) where entry.path.string.hasSuffix(".gz") {
            let twin = try OpenFile.reading(entry.path.below(site)).readAll()
            let bytes = try OpenFile.reading(String(entry.path.below(site).dropLast(3))).readAll()
            // RFC 1952 §2.3.1: the last four bytes are the length of what was compressed.
            let length = twin.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect(twin.starts(with: [0x1f, 0x8b]) && length == bytes.count, "\(entry.path), \(comment)")
        }
        if counts[0] > 0 {
            let step = counts[0] - 1
            let card = page.firstMatch(of: /id="card-step".*?class="figure">(\d+)/)
            #expect(card.map { Int($0.1) } == step, "\(comment)")
            let csv = try text("api/runs/a/csv/loss.csv")
            #expect(csv.hasSuffix("\(step),\(step)\r\n"), "\(comment)")
        }
    }
}

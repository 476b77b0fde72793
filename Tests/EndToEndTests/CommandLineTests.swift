import Foundation
import TestSupport
import Testing

/// The program as a shell sees it: what it says, where, and how it ends.
@Suite(.timeLimit(.minutes(2))) struct CommandLineTests {
    private func run(
        _ arguments: [String],
        in folder: TemporaryDirectory
    ) async throws -> (Int32, String, String) {
        let program = try #require(Products.executable("voxsite"))
        let process = try ChildProcess(program, arguments, directory: folder.path)
        let status = try await process.waitForExit(seconds: 60)
        return (
            status, process.outputLines.joined(separator: "\n"), process.errorLines.joined(separator: "\n")
        )
    }

    @Test func `build says in a line what it did`() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("{\"step\":1,\"loss\":2}\nbroken\n", to: "runs/a/metrics.jsonl")
        let (status, output, talk) = try await run(["build"], in: folder)
        #expect(status == 0 && output.isEmpty)
        #expect(
            talk.hasPrefix("1 run → site in ") && talk.hasSuffix("files changed; 1 line could not be read")
        )
        let (again, _, quiet) = try await run(["build", "-q"], in: folder)
        #expect(again == 0 && quiet.isEmpty)
    }

    @Test func `json is one object per build on standard output`() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("{\"step\":1,\"loss\":2}\n", to: "runs/a/metrics.jsonl")
        let (status, output, _) = try await run(["build", "--json"], in: folder)
        #expect(status == 0)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        #expect(
            object["runs"] as? Int == 1 && (object["changed"] as? [String])?.contains("index.html") == true
        )
    }

    @Test(arguments: [
        (["build", "--runs", "nowhere"], 1, "nowhere: the folder of runs cannot be read"),
        (["build", "-o", "full"], 1, "full"),
        (["serve", "nowhere"], 1, "nowhere: there is no such folder"),
        (["build", "--bogus"], 2, "Unknown option '--bogus'"),
        (["build", "--port", "99999", "--serve"], 2, "99999 is not between 0 and 65535"),
        (["bild"], 2, "bild"),
        (["build", "--templates", "none"], 1, "--templates: there is no folder none"),
    ])
    func `a mistake is one clear message and the right exit code`(
        arguments: [String],
        code: Int,
        message: String
    ) async throws {
        let folder = try TemporaryDirectory()
        try folder.write("{\"step\":1,\"loss\":2}\n", to: "runs/a/metrics.jsonl")
        try folder.write("somebody's", to: "full/letter.txt")
        let (status, output, talk) = try await run(arguments, in: folder)
        #expect(Int(status) == code, "\(talk)")
        #expect(output.isEmpty && talk.contains(message), "\(talk)")
        if code == 1 { #expect(talk.split(separator: "\n").count == 1, "\(talk)") }
    }

    /// A page is started on a VPS before the first run has arrived there.
    @Test func `watching begins before there is a folder of runs`() async throws {
        let folder = try TemporaryDirectory()
        let program = try #require(Products.executable("voxsite"))
        let process = try ChildProcess(
            program,
            ["build", "--watch", "-r", "far/runs"],
            directory: folder.path
        )
        _ = try await process.waitForError(containing: "far/runs: a new folder")
        _ = try await process.waitForError(containing: "Watching far/runs")
        try folder.write("{\"step\":1,\"loss\":2}\n", to: "far/runs/a/metrics.jsonl")
        try await waitUntil { folder.exists("site/runs/a/index.html") }
        process.signal(SIGTERM)
        #expect(try await process.waitForExit(seconds: 30) == 0)
    }

    /// `voxsite train … 2>&1 | tee log`, and the tee is killed: the work is worth more than its talk.
    @Test func `work goes on when whoever reads its talk has gone`() async throws {
        let folder = try TemporaryDirectory()
        try folder.createDirectory("runs")
        let program = try #require(Products.executable("voxsite"))
        let process = try ChildProcess(
            "/bin/bash",
            ["-c", #"exec "$1" build --watch -v 2> >(head -n 1 > heard)"#, "bash", program],
            directory: folder.path
        )
        try await waitUntil { (try? folder.readText("heard"))?.contains("site") == true }
        for name in ["a", "b"] {
            try folder.write("{\"step\":1,\"loss\":2}\n", to: "runs/\(name)/metrics.jsonl")
            try await waitUntil { folder.exists("site/runs/\(name)/index.html") }
        }
        process.signal(SIGTERM)
        #expect(try await process.waitForExit(seconds: 30) == 0)
    }

    @Test func `a port in use is a sentence, Ctrl-C ends with 130, a polite kill with 0`() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("{\"step\":1,\"loss\":2}\n", to: "runs/a/metrics.jsonl")
        let program = try #require(Products.executable("voxsite"))
        let first = try ChildProcess(
            program,
            ["build", "--watch", "--serve", "--port", "0"],
            directory: folder.path
        )
        let line = try await first.waitForError(containing: "Serving http://127.0.0.1:")
        let port = try #require(line.split(separator: ":").last?.split(separator: "/").first.map(String.init))
        let (status, _, talk) = try await run(["serve", "site", "--port", port], in: folder)
        #expect(status == 1 && talk.contains(port) && talk.contains("--port"), "\(talk)")
        first.signal(SIGINT)
        #expect(try await first.waitForExit() == 130)
        let second = try ChildProcess(program, ["serve", "site", "--port", "0"], directory: folder.path)
        _ = try await second.waitForError(containing: "Serving")
        second.signal(SIGTERM)
        #expect(try await second.waitForExit() == 0)
    }
}

import Foundation
import TestSupport
import Testing

/// A folder of runs with the real program watching and serving it.
final class LiveSite: Sendable {
    let folder: TemporaryDirectory
    let address: String
    private let process: ChildProcess

    /// Writes the runs, by their ids, starts the program and waits until it serves.
    init(_ runs: [String: RunFixture]) async throws {
        folder = try TemporaryDirectory()
        for (id, run) in runs {
            try folder.write(run.identity(id), to: "runs/\(id)/run.json")
            try folder.write(run.lines.joined(), to: "runs/\(id)/metrics.jsonl")
        }
        try folder.createDirectory("templates")
        try folder.createDirectory("avatars")
        let program = try #require(BrowserAvailability.voxsite)
        process = try ChildProcess(
            program,
            [
                "build", "--watch", "--serve", "--port", "0", "-r", folder.path(of: "runs"),
                "-o", folder.path(of: "site"), "--templates", folder.path(of: "templates"),
                "--avatars", folder.path(of: "avatars"),
            ],
            directory: Products.packageDirectory.path
        )
        let line = try await process.waitForError(containing: "Serving http://", seconds: 60)
        address = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init))
    }

    func url(_ path: String) -> String { address + path }

    /// What the server answers to a `GET`.
    func get(_ path: String) async throws -> LoopbackHTTP.Answer {
        let port = try #require(URL(string: address)?.port)
        return try await LoopbackHTTP.send("GET", port: port, path: "/" + path, body: nil)
    }

    /// Appends a line to a run's log as a trainer does.
    func append(_ line: String, to run: String) throws {
        try folder.append(line, to: "runs/\(run)/metrics.jsonl")
    }

    /// Puts a changed copy of one of the project's templates over the original.
    func overrideTemplate(_ name: String, _ change: (String) -> String) throws {
        let original = Products.packageDirectory.appending(path: "templates/\(name)")
        try folder.write(change(try String(contentsOf: original, encoding: .utf8)), to: "templates/\(name)")
    }

    /// Ends the program as Ctrl-C does.
    func stop() async throws {
        process.signal(SIGINT)
        _ = try await process.waitForExit()
    }
}

import Foundation
import TestSupport
import Testing

/// What `voxsite transcribe` says of files that it cannot read.
@Suite(.timeLimit(.minutes(1))) struct TranscribeFolderTests {
    private func run(_ arguments: [String], in folder: TemporaryDirectory) async throws -> (Int32, String) {
        let process = try ChildProcess(
            try #require(Products.executable("voxsite")),
            ["transcribe"] + arguments + ["--checkpoint", "none.safetensors"],
            directory: folder.path
        )
        let status = try await process.waitForExit(seconds: 30)
        return (status, process.errorLines.joined(separator: "\n"))
    }

    @Test func `formats that are not read are named, with the way to convert them`() async throws {
        let folder = try TemporaryDirectory()
        for name in ["a.m4a", "b.M4A", "below/c.mp4", "d.wma", "e.txt", "f.flac"] {
            try folder.write("not looked into", to: "talks/\(name)")
        }
        let (status, talk) = try await run(["talks"], in: folder)
        #expect(status == 1)
        let words = "talks/a.m4a, talks/b.M4A, talks/below/c.mp4 and 1 more: left out"
        #expect(talk.contains(words) && talk.contains("ffmpeg -i INPUT.m4a -ac 1 OUTPUT.flac"), "\(talk)")
        #expect(!talk.contains("e.txt") && talk.contains("none.safetensors"), "\(talk)")
    }

    @Test func `a folder of nothing else is an error that says so`() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("not looked into", to: "talks/a.m4a")
        let (status, talk) = try await run(["talks"], in: folder)
        #expect(status == 1 && talk.contains("talks/a.m4a: left out"), "\(talk)")
        #expect(!talk.contains("none.safetensors"), "\(talk)")
        try folder.createDirectory("empty")
        let empty = try await run(["empty"], in: folder)
        #expect(empty.0 == 1 && empty.1.contains("empty: no recording is in it"), "\(empty.1)")
    }
}

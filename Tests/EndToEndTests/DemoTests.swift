import Files
import Foundation
import Glibc
import RunRecords
import TestSupport
import Testing

private let hasSpeaker = FileManager.default.isExecutableFile(atPath: "/usr/bin/espeak-ng")

/// `voxsite demo` as somebody uses it who has just built voxsite.
@Suite(.timeLimit(.minutes(5)), .enabled(if: hasSpeaker, "needs espeak-ng")) struct DemoTests {
    private let place: TemporaryDirectory
    private let program: String

    init() throws {
        place = try TemporaryDirectory()
        program = try #require(Products.executable("voxsite"))
    }

    /// A demo of a few sentences, which ends by itself.
    private func start(_ arguments: String..., environment: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess(
            program,
            ["demo", "--once", "--port", "0", "--sentences", "16"] + arguments,
            directory: place.path,
            environment: environment
        )
    }

    private func talk(_ process: ChildProcess) -> String { process.errorLines.joined(separator: "\n") }

    private func port(of process: ChildProcess) async throws -> Int {
        let line = try await process.waitForError(containing: "Serving http://", seconds: 60)
        return try #require(Int(line.split(separator: ":").last?.split(separator: "/").first ?? ""))
    }

    /// All losses that the logs of a stage have, as they were written.
    private func losses(of stage: String, in runs: String) throws -> [String] {
        let names = try DirectoryTree.names(in: place.path(of: runs)).map(\.name)
        let run = try #require(names.filter { $0.hasPrefix("demo-\(stage)-") }.first)
        return try place.readText("\(runs)/\(run)/metrics.jsonl").split(separator: "\n").flatMap { line in
            let object = try JSONParser.parse(Array(line.utf8))
            return ["train/loss", "avg_loss", "loss", "wer"].compactMap { key in
                object[key]?.number.map { "\(object["step"]?.number ?? -1) \(key) \($0)" }
            }
        }
    }

    private func statuses(_ json: String) throws -> [String: String] {
        let runs = try JSONParser.parse(Array(json.utf8))["runs"]?.array ?? []
        return runs.reduce(into: [:]) { $0[$1["stage"]?.string ?? ""] = $1["status"]?.string }
    }

    @Test func thePageLivesWhileItTrainsAndTheSameSeedLearnsTheSame() async throws {
        let first = try start("-v", "--folder", "it's a demo")
        let port = try await port(of: first)
        _ = try await first.waitForError(containing: " step 1/14 ", seconds: 120)
        #expect(try SpokenRequests.send(port, "GET", "/").status == 200)
        try await waitUntil {
            try statuses(SpokenRequests.send(port, "GET", "/api/runs.json").body) == [
                "demo-stage1": "running"
            ]
        }
        #expect(!talk(first).contains("Training stage2"))
        #expect(try await first.waitForExit(seconds: 240) == 0, "\(talk(first))")

        #expect(first.outputLines.isEmpty)
        #expect(first.errorLines.count { $0.hasPrefix("  said:  ") } == 3)
        #expect(first.errorLines.count { $0.hasPrefix("  heard: ") } == 3)
        let rate = try #require(first.errorLines.first { $0.hasPrefix("Word error rate on ") })
        #expect(
            rate.contains(/^Word error rate on 4 sentences it never heard: [0-9.]+ % \(\d+ of \d+ words\)$/)
        )
        #expect(talk(first).contains("transcribe 'it'\\''s a demo/speech/test' \\\n"), "\(talk(first))")
        #expect(!talk(first).contains("stays up"))
        let page = try place.readText("site/index.html")
        #expect(page.contains("VoxFormer demo-stage1") && page.contains("VoxFormer demo-stage2"))
        let ended = try statuses(place.readText("site/api/runs.json"))
        #expect(ended == ["demo-stage1": "completed", "demo-stage2": "completed"])
        #expect(place.exists("it's a demo/checkpoints/stage2/best.safetensors"))

        let second = try start("--folder", "it's a demo", "-r", "others", "-o", "page")
        #expect(try await second.waitForExit(seconds: 240) == 0, "\(talk(second))")
        for stage in ["stage1", "stage2"] {
            let losses = try losses(of: stage, in: "runs")
            #expect(losses.count > 3)
            #expect(try self.losses(of: stage, in: "others") == losses)
        }
    }

    @Test func ctrlCAtAnyTimeLeavesAFolderToStartIn() async throws {
        let speaking = try ChildProcess(
            program,
            ["demo", "--port", "0", "--sentences", "20000"],
            directory: place.path
        )
        try await waitUntil { place.exists("demo/speech/dev/100/1/100-1-00000.flac") }
        speaking.signal(SIGINT)
        #expect(try await speaking.waitForExit(seconds: 60) == 130)
        #expect(talk(speaking).hasSuffix("Stopped. The site in site stays as it is."), "\(talk(speaking))")
        #expect(!talk(speaking).contains("could not say"), "\(talk(speaking))")

        // Fewer sentences now, so what was said before is of another plan.
        let training = try start("-v")
        _ = try await training.waitForError(containing: " step 2/14 ", seconds: 120)
        training.signal(SIGINT)
        #expect(try await training.waitForExit(seconds: 60) == 130)
        #expect(talk(training).contains("of stage1. The next start begins anew."), "\(talk(training))")
        #expect(try DirectoryTree.names(in: place.path(of: "demo/speech/train/100/1")).count < 16)

        let again = try start("-v")
        _ = try await again.waitForError(containing: " step 1/14 ", seconds: 120)
        #expect(!talk(again).contains("is now"), "\(talk(again))")
        again.signal(SIGTERM)
        #expect(try await again.waitForExit(seconds: 60) == 0, "\(talk(again))")
    }

    @Test func aSecondDemoIsToldWhatIsInItsWay() async throws {
        let first = try ChildProcess(
            program,
            ["demo", "--port", "0", "--sentences", "20000"],
            directory: place.path
        )
        let port = try await port(of: first)
        let folder = try start()
        #expect(try await folder.waitForExit(seconds: 60) == 1)
        #expect(
            talk(folder) == "voxsite: demo: process \(first.identifier) runs a demo in this folder already; "
                + "stop it first, or choose another folder with --folder"
        )
        let others = ["--folder", "other", "-r", "other-runs", "-o", "other-site"]
        let listening = try ChildProcess(
            program,
            ["demo", "--once", "--port", "\(port)", "--sentences", "20000"] + others,
            directory: place.path
        )
        #expect(try await listening.waitForExit(seconds: 60) == 1)
        #expect(talk(listening).contains("port \(port) of 127.0.0.1 is taken"), "\(talk(listening))")
        #expect(talk(listening).contains("--port 0"))
        first.signal(SIGTERM)
        #expect(try await first.waitForExit(seconds: 60) == 0, "\(talk(first))")
    }

    @Test func filesOfOthersStayWhereTheyAre() async throws {
        let files = [
            "checkpoints/stage1/best.safetensors", "stage1.yaml", "data/speech/train/1/1/1-1-0000.flac",
        ]
        for file in files { try place.write("mine", to: file) }
        for folder in [".", "data"] {
            let demo = try start("--folder", folder)
            #expect(try await demo.waitForExit(seconds: 60) == 1)
            #expect(
                talk(demo)
                    == "voxsite: \(folder): the folder is not empty and was not made by voxsite demo, which "
                    + "would write over files in it; choose a new or empty one with --folder, or remove this one if "
                    + "an earlier version's demo made it"
            )
        }
        for file in files { #expect(try place.readText(file) == "mine") }
        #expect(
            try DirectoryTree.names(in: place.path).map(\.name) == ["checkpoints", "data", "stage1.yaml"]
        )
    }

    @Test func withoutASpeakerItSaysWhatToInstall() async throws {
        let demo = try start(environment: ["PATH": "/nowhere"])
        #expect(try await demo.waitForExit(seconds: 60) == 1)
        #expect(
            talk(demo).hasSuffix(
                "voxsite: espeak-ng is not installed, and the demonstration learns from what it says; on Debian: "
                    + "apt-get install espeak-ng"
            ),
            "\(talk(demo))"
        )
        #expect(!talk(demo).contains("CancellationError"), "\(talk(demo))")
    }

    @Test(arguments: [["--folder", ""], ["--folder", "a\nb"], ["--sentences", "15"]])
    func aWrongOptionIsRefused(arguments: [String]) async throws {
        let demo = try ChildProcess(program, ["demo"] + arguments, directory: place.path)
        #expect(try await demo.waitForExit(seconds: 60) == 2)
        #expect(talk(demo).contains(arguments[0]))
        #expect(try DirectoryTree.names(in: place.path).isEmpty)
    }
}

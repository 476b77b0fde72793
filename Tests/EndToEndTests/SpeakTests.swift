import Foundation
import TestSupport
import Testing

/// `voxsite speak` as a shell sees it.
@Suite(
    .timeLimit(.minutes(3)),
    .enabled(if: SpokenRequests.canSpeak, "needs voxsite-speech-helper, espeak-ng-data and ffmpeg")
)
struct SpeakTests {
    private func start(_ arguments: [String], in folder: TemporaryDirectory) throws -> ChildProcess {
        let program = try #require(Products.executable("voxsite"))
        return try ChildProcess(program, ["speak"] + arguments, directory: folder.path)
    }

    private func run(
        _ arguments: [String],
        in folder: TemporaryDirectory
    ) async throws -> (status: Int32, output: String, talk: String) {
        let process = try start(arguments, in: folder)
        let status = try await process.waitForExit(seconds: 90)
        return (
            status, process.outputLines.joined(separator: "\n"), process.errorLines.joined(separator: "\n")
        )
    }

    private func media(_ folder: TemporaryDirectory) throws -> [String] {
        let runs = try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs"))
        return try runs.flatMap {
            try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs/\($0)/media"))
        }
    }

    @Test func `a text becomes a clip, and a line of the day's run`() async throws {
        let folder = try TemporaryDirectory()
        let made = try await run(
            ["My brave friend", "--avatar", "art_5", "--size", "256", "-o", "a.mp4", "--json"],
            in: folder
        )
        #expect(made.status == 0, "\(made.talk)")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any]
        )
        #expect(json["output"] as? String == "a.mp4" && json["engine"] as? String == "rig-v")
        #expect(json["neural"] as? Bool == false && json["voice"] as? String == "espeak:en-us")
        let metrics = try #require(json["metrics"] as? [String: Double])
        #expect((metrics["quality/closure_hit_rate"] ?? 0) >= 0.95)
        #expect(metrics["seconds/drawing_all_threads"] != nil && metrics["seconds/drawing"] == nil)
        #expect(made.talk.contains("; engine rig-v, drawn, not neural; run avatar-"), "\(made.talk)")
        // Nobody has set up SadTalker, so nobody misses it; who looks for the reason finds it.
        #expect(!made.talk.contains("sadtalker"), "\(made.talk)")
        #expect((json["engine_reason"] as? String)?.hasPrefix("rig is taken, as sadtalker cannot") == true)
        #expect(try folder.read("a.mp4").count > 5_000)
        #expect(try media(folder).count == 5)
        let again = try await run(
            ["--audio", try #require(json["audio"] as? String), "--no-video", "-q", "-o", "b.wav"],
            in: folder
        )
        #expect(again.status == 0 && again.output == "b.wav" && again.talk.isEmpty, "\(again.talk)")
    }

    @Test(arguments: [
        ([], 2, "give a text to say"), (["hi", "--audio", "x.wav"], 2, "not both"),
        (["hi", "--size", "300"], 2, "300 is neither 256 nor 512"),
        (["hi", "-o", "x.avi"], 2, "x.avi ends in none of"), (["hi", "--stability", "7"], 2, "stability"),
        (["hi", "--run", "../x"], 2, "--run"), (["hi", "--run", ".x"], 2, "must not begin with a dot"),
        (["--audio", "x.wav", "--language", "de"], 2, "--text-of-audio"),
        (["hi", "--no-video", "-o", "a.mp4"], 2, ".wav"),
        (["hi", "--list-voices", "--list-avatars"], 2, "one at a time"),
        (["hi", "--enhancer", "lipstick"], 2, "RestoreFormer"),
        (["hi", "--enhancer", "gfpgan", "--engine", "rig"], 2, "--enhancer repairs what SadTalker draws"),
        (["  "], 1, "nothing to say"), (["hi", "--avatar", "nobody"], 1, "there are: art_0"),
        (["hi", "--voice", "klingon"], 1, "espeak-ng has none of that name"),
        (["hi", "--engine", "steam"], 1, "there are: auto, sadtalker, rig"),
        (["--audio", "none.wav"], 1, "none.wav"),
        (["hi", "-o", "nowhere/a.mp4"], 1, "there is no folder nowhere"),
    ])
    func `a mistake is a clear message, the right exit code, and no run`(
        _ arguments: [String],
        _ code: Int32,
        _ words: String
    ) async throws {
        let folder = try TemporaryDirectory()
        let (status, output, talk) = try await run(arguments, in: folder)
        #expect(status == code && output.isEmpty && talk.contains(words), "\(talk)")
        #expect(!folder.exists("runs"))
    }

    @Test func `points of the command line that no face has are the command line's fault`() async throws {
        let folder = try TemporaryDirectory()
        let making = try ChildProcess(
            "/usr/bin/env",
            [
                "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "color=s=64x64", "-frames:v", "1",
                "me.png",
            ],
            directory: folder.path
        )
        #expect(try await making.waitForExit(seconds: 20) == 0)
        let program = try #require(Products.executable("voxsite"))
        let process = try ChildProcess(
            program,
            ["avatar", "rig", "me.png", "--point", "mouthLeft=0.9,0.6"],
            directory: folder.path
        )
        #expect(try await process.waitForExit(seconds: 20) == 1)
        #expect(
            process.errorLines == [
                "voxsite: --point mouthLeft=0.9,0.6: mouthRight: it must lie to the right of mouthLeft"
            ]
        )
        #expect(!folder.exists("me.rig.json"))
    }

    @Test func `voices and avatars are listed, why some are missing goes elsewhere`() async throws {
        let folder = try TemporaryDirectory()
        let voices = try await run(["--list-voices"], in: folder)
        #expect(voices.status == 0 && voices.output.hasPrefix("espeak:en-us "))
        #expect(voices.talk.contains("ELEVENLABS_API_KEY") && !voices.output.contains("ELEVENLABS"))
        let avatars = try await run(["--list-avatars", "--json"], in: folder)
        let list = try JSONSerialization.jsonObject(with: Data(avatars.output.utf8)) as? [[String: String]]
        let ids = Set((list ?? []).compactMap { $0["id"] })
        #expect(ids.isSuperset(of: ["default", "happy", "people_0", "art_0", "art_5", "art_18"]))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `Ctrl-C kills the encoder and leaves nothing half-made`(_ signal: Int32) async throws {
        let folder = try TemporaryDirectory()
        let text = String(repeating: "A long sentence about nothing at all. ", count: 8)
        let process = try start([text, "-o", "a.mp4"], in: folder)
        // The encoder has begun to write.
        try await waitUntil { ((try? media(folder)) ?? []).contains { $0.hasSuffix(".video") } }
        process.signal(signal)
        #expect(try await process.waitForExit(seconds: 20) == 130)
        #expect(try media(folder).isEmpty && !folder.exists("a.mp4"))
        let encoders = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
            .compactMap { try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8) }
            .filter { $0.contains(folder.path) || $0.contains("runs/avatar-") }
        #expect(!encoders.contains { $0.hasPrefix("ffmpeg") }, "\(encoders)")
        let log = try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs"))
        #expect(try folder.readText("runs/\(log[0])/metrics.jsonl").contains("\"status\":\"stopped\""))
    }

    @Test func `an engine that was asked for needs no reason`() async throws {
        let folder = try TemporaryDirectory()
        let made = try await run(["Hi", "--engine", "rig", "--size", "256"], in: folder)
        #expect(made.status == 0 && made.talk.split(separator: "\n").count == 1, "\(made.talk)")
        #expect(made.talk.contains("engine rig-v"), "\(made.talk)")
    }
}

import Audio
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Avatar

@Suite(.timeLimit(.minutes(3))) struct RigEngineTests {
    private static func skin(_ id: String = "art_5", size: Int = 64) throws -> PortraitRenderer {
        PortraitRenderer(try BuiltInAvatars.avatar(id), size: size)
    }

    @Test(arguments: ["mp4", "webm"])
    func `a clip has its pictures, its sound and nothing else`(_ ending: String) async throws {
        let files = try TemporaryPictures()
        let speech = try SpokenFixture.french.speech()
        let path = files.path("a clip.\(ending)")
        let frames = Mutex<[Int]>([])
        let report = try await RigEngine().render(speech, skin: Self.skin(), seed: 5, to: path) { progress in
            frames.withLock { $0.append(progress.frame) }
        }
        #expect(frames.withLock { $0 } == Array(1...report.frameCount))
        let names = ["mouth.png", "poster.png", ending].map { "a clip.\($0)" }
        #expect(try files.names() == names.sorted())
        let streams = try Tool.streams(of: path)
        let video = try #require(streams.first { $0["width"] != nil })
        #expect(video["codec_name"] == (ending == "mp4" ? "h264" : "vp9"))
        #expect(video["pix_fmt"] == "yuv420p" && video["r_frame_rate"] == "25/1" && video["width"] == "64")
        let sound = try #require(streams.first { $0["width"] == nil })
        #expect(sound["codec_name"] == (ending == "mp4" ? "aac" : "opus"))
        if ending == "mp4" {
            #expect(video["nb_frames"] == "\(report.frameCount)")
            #expect(video["color_space"] == "bt709")
            let head = try Data(contentsOf: URL(filePath: path)).prefix(4_096)
            // Fast start: the index comes before the media.
            #expect(head.range(of: Data("moov".utf8)) != nil)
        }
        for picture in [report.files.poster, report.files.mouth] {
            #expect(try RasterImage(png: picture).width > 0)
        }
        #expect(report.neural == false && report.engine == "rig-v" && report.hasPhonemes)
        #expect(report.realTimeFactor > 0 && report.firstFrameSeconds > 0 && report.videoBytes > 1_000)
        let encoded = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(ClipReport.self, from: encoded) == report)
    }

    @Test(arguments: [(0.3, 8_000), (0.04, 22_050), (1.01, 48_000), (2.5, 11_025), (12.34, 16_000)])
    func `video and sound are equally long`(_ seconds: Double, _ rate: Int) async throws {
        let files = try TemporaryPictures()
        let speech = InventedSpeech.silence(seconds: seconds, rate: rate)
        let path = files.path("a.mp4")
        _ = try await RigEngine().render(speech, skin: Self.skin(), seed: 1, to: path)
        let streams = try Tool.streams(of: path)
        for stream in streams {
            let duration = try #require(stream["duration"].flatMap { Double($0) })
            // A picture at most: half of one from rounding, and AAC's frames of 1024 samples.
            #expect(abs(duration - seconds) <= 0.04, "\(stream)")
        }
        #expect(streams.count == 2)
    }

    @Test func `the same seed makes the same file`() async throws {
        let files = try TemporaryPictures()
        var speech = try SpokenFixture.german.speech()
        speech.audio.samples = Array(speech.audio.samples.prefix(22_050))
        var clips: [Data] = []
        for (index, seed) in [9, 9, 10].enumerated() {
            let path = files.path("\(index).mp4")
            _ = try await RigEngine(threadCount: index + 1)
                .render(speech, skin: Self.skin(), seed: UInt64(seed), to: path)
            clips.append(try Data(contentsOf: URL(filePath: path)))
        }
        #expect(clips[0] == clips[1])
        #expect(clips[0] != clips[2])
    }

    @Test(arguments: [
        ("echo 'one'; echo 'Unknown encoder' >&2; exit 3", "failed with status 3", "Unknown encoder"),
        (
            "head -c 5000 > /dev/null; echo 'No space left' >&2; kill -9 $$", "was ended by signal 9",
            "No space left; free some space"
        ),
        (
            "exec >&2; echo one; printf 'two\\r'; echo three; exit 4", "status 4",
            "it said last: one | two | three"
        ),
        ("exec >&2; echo 'x: No space left on device'; exit 1", "free some space", "No space left"),
        ("kill -9 $$", "free some memory", "it said nothing"),
        ("exit 0", "ended early", "it said nothing"),
        ("cat > /dev/null; exit 0", "wrote no video", "it said nothing"),
    ])
    func `an encoder that fails is quoted, and nothing is left behind`(
        _ script: String,
        _ status: String,
        _ said: String
    ) async throws {
        let files = try TemporaryPictures()
        let encoder = try Self.program(script, in: files)
        let speech = InventedSpeech.silence(seconds: 4)
        let error = try await #require(throws: AvatarError.self) {
            try await RigEngine(encoderProgram: encoder)
                .render(speech, skin: Self.skin(), seed: 1, to: files.path("a.mp4"))
        }
        #expect(error.description.contains(status), "\(error)")
        #expect(error.description.contains(said), "\(error)")
        #expect(try files.names() == ["encoder"])
    }

    @Test func `what an encoder says of a full disk hides nothing behind its chatter`() {
        // As ffmpeg 5.1 says it.
        let lines = [
            "[mp4 @ 0x5581] Starting second pass: moving the moov atom to the beginning of the file",
            "av_interleaved_write_frame(): No space left on device",
            "Error writing trailer: No space left on device",
            "[aac @ 0x5581] Qavg: 65536.000", "Conversion failed!",
        ]
        let error = AvatarError.encoderFailed(
            program: "ffmpeg",
            status: "failed with status 1",
            lastLines: lines
        )
        #expect(
            error.description == "ffmpeg failed with status 1 while the video was encoded: "
                + "av_interleaved_write_frame(): No space left on device; free some space on that disk"
        )
    }

    @Test func `an encoder sees nothing of the environment that is secret`() async throws {
        let files = try TemporaryPictures()
        let encoder = try Self.program("env > '\(files.path("seen"))'; exit 1", in: files)
        await #expect(throws: AvatarError.self) {
            try await RigEngine(encoderProgram: encoder)
                .render(
                    InventedSpeech.silence(seconds: 1),
                    skin: Self.skin(),
                    seed: 1,
                    to: files.path("a.mp4")
                )
        }
        let seen = try String(contentsOfFile: files.path("seen"), encoding: .utf8)
        let names = Set(
            seen.split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) }
        )
        // The shell adds some of its own.
        let shell: Set = ["PWD", "OLDPWD", "SHLVL", "_"]
        #expect(
            names.subtracting(shell).isSubset(of: ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "LC_ALL"])
        )
        #expect(names.contains("PATH"))
    }

    @Test func `an old clip outlives a failed one`() async throws {
        let files = try TemporaryPictures()
        try files.write("old", to: "a.mp4")
        let encoder = try Self.program("exit 1", in: files)
        await #expect(throws: AvatarError.self) {
            try await RigEngine(encoderProgram: encoder)
                .render(
                    InventedSpeech.silence(seconds: 1),
                    skin: Self.skin(),
                    seed: 1,
                    to: files.path("a.mp4")
                )
        }
        #expect(try String(contentsOfFile: files.path("a.mp4"), encoding: .utf8) == "old")
    }

    @Test func `a missing encoder is named, with what to install`() async throws {
        let files = try TemporaryPictures()
        let error = try await #require(throws: AvatarError.self) {
            try await RigEngine(encoderProgram: "no-such-ffmpeg")
                .render(
                    InventedSpeech.silence(seconds: 1),
                    skin: Self.skin(),
                    seed: 1,
                    to: files.path("a.mp4")
                )
        }
        #expect(error == .encoderMissing(program: "no-such-ffmpeg"))
        #expect(error.description.contains("apt install ffmpeg"))
        #expect(try files.names().isEmpty)
    }

    @Test func `cancelling ends the encoder and all it started`() async throws {
        let files = try TemporaryPictures()
        let encoder = try Self.program(
            "sleep 600 & echo $! > \(files.path("pid")); cat > /dev/null; wait",
            in: files
        )
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        let skin = try Self.skin()
        let target = files.path("a.mp4")
        let making = Task {
            try await RigEngine(encoderProgram: encoder)
                .render(InventedSpeech.silence(seconds: 60, rate: 2_000), skin: skin, seed: 1, to: target) {
                    if $0.frame == 10 { continuation.yield(10) }
                }
        }
        for await _ in stream { break }
        making.cancel()
        await #expect(throws: CancellationError.self) { try await making.value }
        let text = try String(contentsOfFile: files.path("pid"), encoding: .utf8)
        let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // It was killed, which takes the kernel a moment: then it is gone, or a zombie that nobody has taken yet.
        try await waitUntil {
            let state = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? "gone Z"
            return state.contains(" Z") || kill(child, 0) != 0
        }
        #expect(try files.names() == ["encoder", "pid"])
    }

    @Test func `what cannot be a clip is refused at once`() async throws {
        let files = try TemporaryPictures()
        func refusal(_ speech: Speech, _ name: String) async throws -> String {
            try await #require(throws: AvatarError.self) {
                try await RigEngine().render(speech, skin: Self.skin(), seed: 1, to: files.path(name))
            }.description
        }
        let none = Speech(audio: AudioSignal(samples: [], sampleRateHz: 16_000), phonemes: [])
        #expect(try await refusal(none, "a.mp4").contains("the sound has no sample"))
        let silence = InventedSpeech.silence(seconds: 0.5)
        #expect(try await refusal(silence, "a.gif").contains("ends in neither .mp4 nor .webm"))
        #expect(try await refusal(silence, "no-folder/a.mp4").contains("no-folder"))
    }

    /// A stand-in for ffmpeg.
    private static func program(_ script: String, in files: TemporaryPictures) throws -> String {
        try files.write("#!/bin/sh\n\(script)\n", to: "encoder")
        let path = files.path("encoder")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }
}

import Audio
import Foundation
import RunRecords
import TestSupport
import Testing

@testable import Avatar

/// What is left of a clip, in every way that its making can end.
@Suite(.timeLimit(.minutes(2))) struct ClipSessionTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func session(
        _ engines: [any AnimationEngine] = [StandInEngine()],
        voice: HummingProvider = HummingProvider()
    ) -> ClipSession {
        ClipSession(maker: StubClips.maker(engines, voice: voice), runs: folder.path(of: "runs"))
    }

    @Test func `a clip is in its run's media, and in its log as docs/run-folder.md says`() async throws {
        let made = try await session().make(StubClips.request("Say \"event\":\"sample\" twice"))
        let again = try await session().make(StubClips.request("Again"))
        #expect(made.run == again.run && made.run.string.hasPrefix("avatar-2"))
        #expect(
            StubClips.media(folder)
                == [made.name, again.name].sorted().flatMap {
                    [".mp4", ".wav", ".waveform.png"].map($0.appending)
                }
        )
        let log = try StubClips.log(folder)
        let samples = log.filter { $0["event"] as? String == "sample" }
        #expect(samples.count == 2 && samples.map { $0["step"] as? Int } == [1, 2])
        let sample = try #require(samples.first)
        #expect(sample["video"] as? String == "media/\(made.name).mp4")
        #expect(sample["audio"] as? String == "media/\(made.name).wav")
        #expect(sample["waveform"] as? String == "media/\(made.name).waveform.png")
        #expect(sample["text"] as? String == "Say \"event\":\"sample\" twice")
        #expect(sample["voice"] as? String == "hum:one" && sample["avatar"] as? String == "art_0")
        #expect(sample["engine"] as? String == "stand-in-1" && sample["neural"] as? Bool == true)
        let timings = try #require(sample["timings"] as? [String: Double])
        #expect(timings["drawing"] == 0.25 && (timings["total"] ?? 0) > 0)
        let metrics = try #require(log.first { $0["event"] == nil })
        #expect(metrics["quality/sync_correlation"] as? Double == 0.75)
        #expect((metrics["speed/real_time_factor"] as? Double ?? 0) > 0)
        #expect(abs((metrics["seconds/audio"] as? Double ?? 0) - 0.4) < 1e-9)
        let statuses = log.compactMap { $0["status"] as? String }
        #expect(statuses == ["running", "completed", "running", "completed"])
        let run = try JSONSerialization.jsonObject(with: Data(folder.read("runs/\(made.run)/run.json")))
        #expect((run as? [String: Any])?["engine"] as? String == "avatar")
    }

    @Test func `what a killed command left is removed after an hour`() async throws {
        let made = try await session().make(StubClips.request(hasVideo: false))
        let media = "runs/\(made.run)/media"
        let now = Date()
        for (name, minutes) in [
            (".voxsite-clip-1-1.video", 61), (".voxsite-clip-1-2.video", 59), (".voxsite-clip-1-3.mp4", 61),
            ("mine.video", 61),
        ] {
            try folder.write("half a clip", to: "\(media)/\(name)")
            try FileManager.default.setAttributes(
                [.modificationDate: now - TimeInterval(60 * minutes)],
                ofItemAtPath: folder.path(of: "\(media)/\(name)")
            )
        }
        _ = try await session().make(StubClips.request(hasVideo: false))
        #expect(!folder.exists("\(media)/.voxsite-clip-1-1.video"))
        for name in [".voxsite-clip-1-2.video", ".voxsite-clip-1-3.mp4", "mine.video"] {
            #expect(folder.exists("\(media)/\(name)"), "\(name)")
        }
    }

    @Test func `the sound is what the voice said`() async throws {
        let made = try await session().make(StubClips.request(hasVideo: false))
        #expect(made.clip.videoPath == nil && made.clip.videoProblem == nil && made.clip.avatar == nil)
        let sound = try AudioFile.read(made.clip.audioPath, sampleRateHz: 8_000)
        #expect(sound.samples.count == 3_200)
        #expect(StubClips.media(folder) == ["\(made.name).wav", "\(made.name).waveform.png"])
    }

    @Test func `a video that fails costs the video alone, and the log says why`() async throws {
        let made = try await session([StandInEngine(manner: .fails)]).make(StubClips.request())
        #expect(made.clip.videoPath == nil)
        #expect(made.clip.videoProblem?.contains("no more") == true)
        #expect(StubClips.media(folder) == ["\(made.name).wav", "\(made.name).waveform.png"])
        let log = try StubClips.log(folder)
        let sample = try #require(log.first { $0["event"] as? String == "sample" })
        #expect(sample["video"] == nil && sample["audio"] as? String == "media/\(made.name).wav")
        let alert = try #require(log.first { $0["event"] as? String == "alert" })
        #expect((alert["text"] as? String)?.contains("no more") == true)
    }

    @Test func `with auto the next engine takes over from one that fails`() async throws {
        let engines = [StandInEngine(name: "first", manner: .fails), StandInEngine(name: "second")]
        let made = try await session(engines).make(StubClips.request())
        #expect(made.clip.videoPath != nil && made.clip.animation?.engine == "second-1")
        #expect(made.clip.engineReason?.contains("second took over: first: ") == true)
        var request = StubClips.request()
        request.engine = "first"
        let stubborn = try await session(engines).make(request)
        #expect(stubborn.clip.videoPath == nil && stubborn.clip.videoProblem?.contains("first") == true)
    }

    @Test func `cancellation leaves nothing but a word in the log`() async throws {
        let (steps, reached) = AsyncStream.makeStream(of: ClipProgress.self)
        let session = session([StandInEngine(manner: .hangs)])
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await session.make(StubClips.request()) { reached.yield($0) } }
            for await step in steps where step.stage == .video { break }
            #expect(StubClips.media(folder).count == 3, "the sound, its picture and a part of the video")
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(StubClips.media(folder).isEmpty)
        #expect(try StubClips.log(folder).compactMap { $0["status"] as? String } == ["running", "stopped"])
    }

    @Test func `a voice that fails leaves a word in the log`() async throws {
        let voice = HummingProvider(failure: .timeout(what: "Humming", seconds: 3))
        await #expect(throws: AvatarError.timeout(what: "Humming", seconds: 3)) {
            try await session(voice: voice).make(StubClips.request())
        }
        #expect(StubClips.media(folder).isEmpty)
        let log = try StubClips.log(folder)
        #expect(log.last?["status"] as? String == "error")
        let alert = try #require(log.first { $0["event"] as? String == "alert" })
        #expect(alert["level"] as? String == "error")
    }

    @Test func `what no voice can say leaves the run of the day as it was`() async throws {
        let silent = HummingProvider(
            failure: .text(reason: "\"?!\" holds nothing that One can say; add words")
        )
        await #expect(throws: AvatarError.self) {
            try await session(voice: silent).make(StubClips.request("?!"))
        }
        #expect(try StubClips.log(folder).last?["status"] as? String == "stopped")
        _ = try await session().make(StubClips.request())
        await #expect(throws: AvatarError.self) {
            try await session(voice: silent).make(StubClips.request("?!"))
        }
        let log = try StubClips.log(folder)
        #expect(log.last?["status"] as? String == "completed")
        let alerts = log.filter { $0["event"] as? String == "alert" }
        #expect(alerts.count == 2 && alerts.allSatisfy { $0["level"] as? String == "warn" })
        #expect((alerts.first?["text"] as? String)?.contains("add words") == true)
    }

    @Test func `a clip that fails after others does not make their run a failed one`() async throws {
        _ = try await session().make(StubClips.request())
        let voice = HummingProvider(failure: .timeout(what: "Humming", seconds: 3))
        await #expect(throws: AvatarError.self) { try await session(voice: voice).make(StubClips.request()) }
        let log = try StubClips.log(folder)
        #expect(log.last?["status"] as? String == "completed")
        #expect(log.contains { $0["event"] as? String == "alert" && $0["level"] as? String == "error" })
    }

    @Test func `a request for what there is not touches no run`() async throws {
        var strange = [ClipRequest](repeating: StubClips.request(), count: 5)
        strange[0].avatar = "../art_0"
        strange[1].engine = "steam"
        strange[2].size = 300
        strange[3].sound = .text("Hi", voice: "hum:two", settings: VoiceSettings())
        strange[4].sound = .text("Hi", voice: nil, settings: VoiceSettings(stability: .nan))
        for request in strange {
            await #expect(throws: AvatarError.self) { try await session().make(request) }
        }
        #expect(!folder.exists("runs"))
    }

    @Test(arguments: ["auto", "rig"])
    func `a photograph without points is refused before anything is spoken`(_ engine: String) async throws {
        let pictures = try TemporaryPictures()
        try RasterImage(width: 64, height: 64) { $0.fillAll(.solid(.white)) }.writePNG(
            to: pictures.path("bob.png")
        )
        try pictures.write("", to: "eve.png")
        let engines: [any AnimationEngine] = [
            StandInEngine(name: "neural", missing: "none here"), RigEngine(),
        ]
        let maker = StubClips.maker(engines, avatarFolders: [pictures.folder, BuiltInAvatars.folder])
        let session = ClipSession(maker: maker, runs: folder.path(of: "runs"))
        var request = StubClips.request()
        request.engine = engine
        request.avatar = "bob"
        let refusal = await #expect(throws: AvatarError.self) { try await session.make(request) }
        let command = "voxsite avatar rig \(pictures.path("bob.png"))"
        #expect(refusal?.description.hasSuffix(command) == true)
        request.avatar = "eve"
        let broken = await #expect(throws: AvatarError.self) { try await session.make(request) }
        #expect(broken?.description.contains("eve.png: not a usable picture: it is empty") == true)
        #expect(!folder.exists("runs"))
    }

    @Test(arguments: ["auto", "neural"])
    func `an engine that needs no points takes a photograph without`(_ engine: String) async throws {
        let pictures = try TemporaryPictures()
        try RasterImage(width: 64, height: 64) { $0.fillAll(.solid(.white)) }.writePNG(
            to: pictures.path("bob.png")
        )
        let engines: [any AnimationEngine] = [StandInEngine(name: "neural"), RigEngine()]
        let maker = StubClips.maker(engines, avatarFolders: [pictures.folder])
        var request = StubClips.request()
        request.engine = engine
        request.avatar = "bob"
        let made = try await ClipSession(maker: maker, runs: folder.path(of: "runs")).make(request)
        #expect(made.clip.videoPath != nil && made.clip.animation?.engine == "neural-1")
    }

    @Test func `the rig makes a whole clip of a recording`() async throws {
        try #require(await RigEngine().problem() == nil)
        var request = StubClips.request()
        request.sound = .recording(
            try Recording(bytes: Self.tone(), name: "a tone"),
            text: nil,
            language: nil
        )
        let made = try await session([RigEngine()]).make(request)
        #expect(made.clip.voice == "recording" && made.clip.animation?.engine == "rig-v")
        let endings = [".mouth.png", ".mp4", ".poster.png", ".wav", ".waveform.png"]
        #expect(StubClips.media(folder) == endings.map { made.name + $0 })
        let streams = try Tool.streams(of: try #require(made.clip.videoPath))
        #expect(streams.contains { $0["width"] == "256" && $0["codec_name"] == "h264" })
        #expect(made.clip.metrics.contains { $0.name == "quality/blinks_per_minute" })
    }

    /// Half a second of 440 Hz as a WAV file.
    private static func tone() throws -> [UInt8] {
        let samples = (0..<8_000).map { 0.3 * Float(sin(2 * .pi * 440 * Double($0) / 16_000)) }
        let tone = AudioSignal(samples: samples, sampleRateHz: 16_000)
        return try AudioWriter.encode(tone, as: .wav16)
    }
}

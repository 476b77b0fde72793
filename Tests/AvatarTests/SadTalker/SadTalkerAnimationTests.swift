import Audio
import Foundation
import TestSupport
import Testing

@testable import Avatar

/// SadTalker among the engines.
@Suite(.timeLimit(.minutes(1))) struct SadTalkerAnimationTests {
    @Test func `without settings it says which to set, and auto takes another`() async throws {
        let engine = SadTalkerAnimation(environment: [:])
        #expect(await engine.problem()?.contains("VOXSITE_SADTALKER_CHECKOUT") == true)
        let decision = try await EngineChoice([engine, StandInEngine()]).decide("auto")
        #expect(decision.engines.map(\.name) == ["stand-in"])
        #expect(decision.reason.contains("VOXSITE_SADTALKER_CHECKOUT"))
    }

    @Test func `settings that cannot be used, and a checkout that is not there, are its problem`() async {
        let odd = ["VOXSITE_SADTALKER_CHECKOUT": "/x", "VOXSITE_SADTALKER_SIZE": "big"]
        #expect(await SadTalkerAnimation(environment: odd).problem()?.contains("is no number") == true)
        let missing = SadTalkerAnimation(environment: ["VOXSITE_SADTALKER_CHECKOUT": "/nowhere/SadTalker"])
        let problem = await missing.problem()
        #expect(problem?.contains("/nowhere/SadTalker") == true)
        #expect(await missing.problem() == problem)
    }

    @Test func `it draws the portrait of any avatar, and says that it is neural`() async throws {
        let standIn = try StandInSadTalker("cp \"$image\" \"$here/seen.png\"; \(StandInSadTalker.success)")
        let engine = SadTalkerAnimation(environment: [
            "VOXSITE_SADTALKER_CHECKOUT": standIn.configuration.checkout,
            "VOXSITE_SADTALKER_PYTHON": standIn.configuration.python,
        ])
        let folder = try TemporaryDirectory()
        let library = AvatarLibrary(folders: [BuiltInAvatars.folder])
        let avatar = try #require(library.entries.first { $0.id == "people_0" })
        var random = SeededRandom(seed: 1)
        let speech = InventedSpeech.speech(seconds: 0.3, using: &random)
        try AudioWriter.write(speech.audio, to: folder.path(of: "a.wav"), as: .wav16)
        let task = AnimationTask(
            audioPath: folder.path(of: "a.wav"),
            phonemes: speech.phonemes,
            avatar: avatar,
            library: library,
            size: 512,
            seed: 0,
            videoPath: folder.path(of: "a.mp4")
        )
        let result = try await engine.animate(task) { _ in }
        #expect(result.engine == "sadtalker512" && result.isNeural)
        #expect(try folder.read("a.mp4") == StandInSadTalker.successBytes)
        #expect(result.posterPath == folder.path(of: "a.poster.png"))
        #expect(try standIn.folder.read("seen.png") == folder.read("a.poster.png"))
        #expect(try RasterImage(png: folder.path(of: "a.poster.png")).width == 512)
        #expect(result.timings.contains { $0.name == "frames" })
        var other = task
        other.videoPath = folder.path(of: "a.webm")
        do {
            _ = try await engine.animate(other) { _ in }
            Issue.record("it wrote WebM")
        } catch let error as AvatarError {
            #expect(error == .clipRefused(reason: "SadTalker writes .mp4 alone"))
        }
    }
}

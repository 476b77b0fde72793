import Audio
import Foundation
import TestSupport

@testable import Avatar

/// A provider with one voice that hums for as long as it is told.
struct HummingProvider: VoiceProvider {
    var name = "hum"
    var displayName = "Humming"
    var seconds = 0.4
    var failure: AvatarError?
    var hangs = false

    private struct Hum: Voice {
        let description = VoiceDescription(
            id: "hum:one",
            name: "One",
            language: "en",
            gender: nil,
            provider: "hum"
        )
        var seconds: Double
        var failure: AvatarError?
        var hangs: Bool

        func speak(_ text: String, settings: VoiceSettings) async throws -> Speech {
            if let failure { throw failure }
            if hangs { try await Task.sleep(for: .seconds(3_600)) }
            var random = SeededRandom(seed: 7)
            return InventedSpeech.speech(seconds: seconds, using: &random)
        }
    }

    func voices() async throws -> [any Voice] { [hum] }

    func voice(named name: String) async throws -> (any Voice)? { name == "one" ? hum : nil }

    private var hum: Hum { Hum(seconds: seconds, failure: failure, hangs: hangs) }
}

/// An engine that writes a few bytes, fails, or never ends.
struct StandInEngine: AnimationEngine {
    enum Manner: Sendable { case works, fails, hangs }

    var name = "stand-in"
    var manner = Manner.works
    var missing: String?
    var isSetUp = true
    var limitSeconds: Double?

    func problem() async -> String? { missing }

    func animate(
        _ task: AnimationTask,
        progress: @escaping @Sendable (AnimationProgress) -> Void
    ) async throws -> AnimationResult {
        progress(AnimationProgress(fraction: 0.5, text: "half of it"))
        try Data("video of \(task.avatar.id)".utf8).write(to: URL(filePath: task.videoPath))
        switch manner {
        case .works: break
        case .fails: throw AvatarError.encoderFailed(program: name, status: "failed", lastLines: ["no more"])
        case .hangs: try await Task.sleep(for: .seconds(3_600))
        }
        return AnimationResult(
            engine: "\(name)-1",
            isNeural: true,
            timings: [Measure("drawing", 0.25)],
            metrics: [Measure("quality/sync_correlation", 0.75)]
        )
    }
}

enum StubClips {
    /// Makes clips with a hum and stand-ins.
    static func maker(
        _ engines: [any AnimationEngine] = [StandInEngine()],
        voice: HummingProvider = HummingProvider(),
        avatarFolders: [String] = [BuiltInAvatars.folder]
    ) -> ClipMaker {
        ClipMaker(
            voices: VoiceCatalog(providers: [voice]),
            pronunciation: EspeakProvider(helper: nil),
            avatarFolders: avatarFolders,
            engines: EngineChoice(engines)
        )
    }

    /// A request for what ``maker(_:voice:avatarFolders:)`` can make.
    static func request(_ text: String = "Hello", hasVideo: Bool = true) -> ClipRequest {
        ClipRequest(
            sound: .text(text, voice: nil, settings: VoiceSettings()),
            avatar: "art_0",
            hasVideo: hasVideo,
            size: 256
        )
    }

    /// The names of all files of all runs' media, hidden ones included.
    static func media(_ folder: TemporaryDirectory) -> [String] {
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs"))) ?? []
        return runs.flatMap { run in
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs/\(run)/media"))) ?? []
        }.sorted()
    }

    /// The lines of the one run's log.
    static func log(_ folder: TemporaryDirectory) throws -> [[String: Any]] {
        let runs = try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs"))
        return try folder.readText("runs/\(runs[0])/metrics.jsonl").split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }
}

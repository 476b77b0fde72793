import Files
import Foundation

/// SadTalker as one of the engines, whether it is installed or not.
public struct SadTalkerAnimation: AnimationEngine {
    private let configuration: Result<SadTalkerConfiguration?, AvatarError>
    private let hosts: SadTalkerHosts
    private let health = SadTalkerHealth()

    /// What sound and video may take to the machine that draws and back, beside the drawing.
    private static let transferSeconds = 120.0

    /// - Parameters:
    ///   - environment: the process's own, with `VOXSITE_SADTALKER_CHECKOUT` and so on, perhaps.
    ///   - hosts: how the host that the settings name is reached; asked anew for every clip.
    public init(environment: [String: String], hosts: SadTalkerHosts = .thisMachine) {
        configuration = Result { () throws(AvatarError) in
            try SadTalkerConfiguration.find(environment: environment)
        }
        self.hosts = hosts
    }

    /// `sadtalker`.
    public var name: String { "sadtalker" }

    /// Whether it is configured, and whether its doctor finds it healthy; that is believed for ten minutes, and while the
    /// doctor looks again.
    ///
    /// - Returns: nil where it can be used.
    public func problem() async -> String? {
        do throws(AvatarError) {
            let engine = try engine(size: nil)
            return await health.problem { try await Self.examine(engine) }
        } catch {
            guard case .sadTalkerConfiguration(let key, let reason) = error else { return error.description }
            return key.isEmpty ? reason : "\(reason) (its setting \(key))"
        }
    }

    /// Whether there are settings, right or wrong.
    public var isSetUp: Bool {
        guard case .success(nil) = configuration else { return true }
        return false
    }

    /// Has its doctor look again while the last finding is still believed, so that nobody has to wait.
    public func refresh() async {
        guard let engine = try? engine(size: nil) else { return }
        await health.refresh { try await Self.examine(engine) }
    }

    /// Its time-out of the settings, and some time for the files.
    public var limitSeconds: Double? {
        (try? configuration.get())?.map { $0.timeoutSeconds + Self.transferSeconds }
    }

    private static func examine(_ engine: SadTalkerEngine) async throws -> SadTalkerExamination {
        try await SadTalkerDoctor(configuration: engine.configuration, host: engine.host).examine()
    }

    /// Lets SadTalker draw.
    ///
    /// - Parameters:
    ///   - task: what to make; MP4 alone.
    ///   - progress: told what SadTalker says of itself.
    /// - Returns: what was made, and how it went.
    /// - Throws: as ``SadTalkerEngine/render(audio:portrait:to:progress:)-swift.method``.
    public func animate(
        _ task: AnimationTask,
        progress: @escaping @Sendable (AnimationProgress) -> Void
    ) async throws -> AnimationResult {
        guard ClipFormat(path: task.videoPath) == .mp4 else {
            throw AvatarError.clipRefused(reason: "SadTalker writes .mp4 alone")
        }
        let engine = try engine(size: task.size)
        let portrait = try Portrait(task, named: engine.configuration.portraits)
        let report: SadTalkerReport
        do {
            report = try await engine.render(
                audio: task.audioPath,
                portrait: portrait.path,
                to: task.videoPath
            ) { state in
                progress(AnimationProgress(fraction: state.fraction, text: state.stage.rawValue))
            }
        } catch {
            // What was healthy a minute ago may not be any more.
            await health.doubt()
            throw error
        }
        return AnimationResult(
            engine: report.engine,
            isNeural: report.isNeural,
            posterPath: portrait.posterPath,
            timings: report.timings.map { Measure($0.stage.rawValue, $0.seconds) },
            metrics: Self.measures(report)
        )
    }

    /// What is known from outside: SadTalker's memory and the motion of its mouths are not.
    private static func measures(_ report: SadTalkerReport) -> [Measure] {
        let size = Measure("video/kilobytes", Double(report.byteCount) / 1e3)
        guard let count = MP4Index.pictureCount(of: report.path) else { return [size] }
        return [
            size, Measure("video/frames", Double(count)),
            Measure("speed/frames_per_second", Double(count) / max(report.totalSeconds, 1e-3)),
        ]
    }

    private func engine(size: Int?) throws(AvatarError) -> SadTalkerEngine {
        guard var configuration = try configuration.get() else {
            throw .sadTalkerConfiguration(
                key: "",
                reason:
                    "it is not set up here; set \(SadTalkerConfiguration.variablePrefix)CHECKOUT to its folder"
            )
        }
        if let size = size.flatMap(SadTalkerConfiguration.Size.init(rawValue:)) { configuration.size = size }
        return try SadTalkerEngine(configuration: configuration, host: hosts.host(of: configuration))
    }
}

/// The picture that SadTalker animates: the settings' own, a photograph, or a drawn person at rest.
private struct Portrait {
    let path: String
    /// What is shown before the clip plays.
    let posterPath: String

    init(_ task: AnimationTask, named portraits: [String: String]) throws(AvatarError) {
        let poster = ClipFiles(video: task.videoPath).poster
        switch task.avatar.kind {
        case .drawn, .photo:
            var frame = MotionFrame()
            frame.smile = 0.2
            try task.library.skin(task.avatar.id, size: task.size).render(frame).writePNG(to: poster)
        case .unplaced:
            try RasterImage(contentsOf: task.avatar.path).writePNG(to: poster)
        }
        posterPath = poster
        if let own = portraits[task.avatar.id] {
            path = own
            return
        }
        switch task.avatar.kind {
        case .drawn: path = poster
        case .photo: path = try PhotoRig(contentsOf: task.avatar.path).imagePath
        case .unplaced: path = task.avatar.path
        }
    }
}

import Files
import Foundation

/// SadTalker as one of the engines, whether it is installed or not.
public struct SadTalkerAnimation: AnimationEngine {
    private let configuration: Result<SadTalkerConfiguration?, AvatarError>
    private let hosts: SadTalkerHosts
    private let health = SadTalkerHealth()

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

    /// Whether it is configured, and whether its doctor finds it healthy; that is believed for ten minutes.
    ///
    /// - Returns: nil where it can be used.
    public func problem() async -> String? {
        do throws(AvatarError) {
            let engine = try engine(size: nil)
            return await health.problem(of: engine)
        } catch {
            return error.description
        }
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
            await health.forget()
            throw error
        }
        return AnimationResult(
            engine: report.engine,
            isNeural: report.isNeural,
            posterPath: portrait.posterPath,
            timings: report.timings.map { Measure($0.stage.rawValue, $0.seconds) },
            metrics: [Measure("video/kilobytes", Double(report.byteCount) / 1e3)]
        )
    }

    private func engine(size: Int?) throws(AvatarError) -> SadTalkerEngine {
        guard var configuration = try configuration.get() else {
            throw .sadTalkerConfiguration(
                key: "",
                reason: "there are none; set \(SadTalkerConfiguration.variablePrefix)CHECKOUT to its folder"
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
        let poster = ClipReport.Files(video: task.videoPath).poster
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

/// What SadTalker's doctor found, for a while: an examination loads torch and takes seconds to minutes.
private actor SadTalkerHealth {
    private var found: (problem: String?, until: ContinuousClock.Instant)?
    private var isExamining = false
    private static let believed = Duration.seconds(600)

    /// The first who asks waits for the examination; who asks meanwhile is told so.
    func problem(of engine: SadTalkerEngine) async -> String? {
        if let found, ContinuousClock.now < found.until { return found.problem }
        guard !isExamining else { return "it is being examined; ask again in a minute" }
        isExamining = true
        defer { isExamining = false }
        let doctor = SadTalkerDoctor(configuration: engine.configuration, host: engine.host)
        guard let examination = try? await doctor.examine() else { return "its examination was cancelled" }
        let problem = examination.isHealthy ? nil : examination.reason ?? "it is not healthy"
        found = (problem, .now + Self.believed)
        return problem
    }

    func forget() { found = nil }
}

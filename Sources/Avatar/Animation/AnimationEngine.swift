/// What makes a face speak: takes sound and a portrait, gives a video.
public protocol AnimationEngine: Sendable {
    /// What it is chosen by: `rig`.
    var name: String { get }

    /// So long it gives itself for one video, in seconds; nil where it sets itself no limit.
    var limitSeconds: Double? { get }

    /// Whether somebody has set it up here, and so expects it to work; where not, nobody misses it.
    var isSetUp: Bool { get }

    /// Whether it can be used here now.
    ///
    /// - Returns: nil where it can; else why not, and what to do, in a sentence.
    func problem() async -> String?

    /// Finds out anew whether it can be used, where that takes long and was done some time ago.
    ///
    /// Whoever calls ``problem()`` meanwhile is told what was found before.
    func refresh() async

    /// Whether it can move somebody at all, told at once and before anything is made.
    ///
    /// - Parameter avatar: who is to speak.
    /// - Returns: nil where it can; else why not, and what to do.
    func problem(with avatar: AvatarLibrary.Entry) -> AvatarError?

    /// Makes a video. Nothing appears under the task's paths before it is whole.
    ///
    /// - Parameters:
    ///   - task: what to make.
    ///   - progress: told how far it is.
    /// - Returns: what was made, and how it went.
    /// - Throws: ``AvatarError``, `CancellationError`.
    func animate(
        _ task: AnimationTask,
        progress: @escaping @Sendable (AnimationProgress) -> Void
    ) async throws -> AnimationResult
}

extension AnimationEngine {
    /// It needs no setting up.
    public var isSetUp: Bool { true }

    /// No limit.
    public var limitSeconds: Double? { nil }

    /// ``problem()`` is found out so fast that nothing is kept.
    public func refresh() async {}

    /// Anybody can be moved.
    ///
    /// - Parameter avatar: who is to speak.
    /// - Returns: nil.
    public func problem(with avatar: AvatarLibrary.Entry) -> AvatarError? { nil }
}

/// A video to be made.
public struct AnimationTask: Sendable {
    /// What is said, a WAV file.
    public var audioPath: String
    /// The sounds in order of time; empty where nothing is known but the signal.
    public var phonemes: [TimedPhoneme]
    /// Who says it.
    public var avatar: AvatarLibrary.Entry
    /// Where the avatar comes from.
    public var library: AvatarLibrary
    /// The side of the picture in pixels.
    public var size: Int
    /// What is random follows from it.
    public var seed: UInt64
    /// The video; its ending tells the format, and its folder exists.
    public var videoPath: String

    /// - Parameters:
    ///   - audioPath: what is said, a WAV file.
    ///   - phonemes: the sounds in order of time; empty where unknown.
    ///   - avatar: who says it.
    ///   - library: where the avatar comes from.
    ///   - size: the side of the picture in pixels.
    ///   - seed: what is random follows from it.
    ///   - videoPath: the video.
    public init(
        audioPath: String,
        phonemes: [TimedPhoneme],
        avatar: AvatarLibrary.Entry,
        library: AvatarLibrary,
        size: Int,
        seed: UInt64,
        videoPath: String
    ) {
        self.audioPath = audioPath
        self.phonemes = phonemes
        self.avatar = avatar
        self.library = library
        self.size = size
        self.seed = seed
        self.videoPath = videoPath
    }
}

/// How far an engine is.
public struct AnimationProgress: Sendable, Hashable {
    /// From 0 to 1; nil where the engine cannot tell.
    public var fraction: Double?
    /// What it does, in a few words: `picture 12 of 250`.
    public var text: String

    /// - Parameters:
    ///   - fraction: from 0 to 1; nil where the engine cannot tell.
    ///   - text: what it does, in a few words.
    public init(fraction: Double?, text: String) {
        self.fraction = fraction
        self.text = text
    }
}

/// What an engine made.
public struct AnimationResult: Sendable, Equatable {
    /// How metrics name what made it: `rig-v`, `sadtalker256`.
    public var engine: String
    /// Whether a neural network drew it.
    public var isNeural: Bool
    /// A picture to show before the video plays; nil where there is none.
    public var posterPath: String?
    /// A picture of the mouth's opening over the loudness; nil where there is none.
    public var mouthPath: String?
    /// How many seconds each stage took, in order.
    public var timings: [Measure]
    /// What was measured, for the charts.
    public var metrics: [Measure]

    /// - Parameters:
    ///   - engine: how metrics name what made it.
    ///   - isNeural: whether a neural network drew it.
    ///   - posterPath: a picture to show before the video plays.
    ///   - mouthPath: a picture of the mouth's opening over the loudness.
    ///   - timings: how many seconds each stage took, in order.
    ///   - metrics: what was measured.
    public init(
        engine: String,
        isNeural: Bool,
        posterPath: String? = nil,
        mouthPath: String? = nil,
        timings: [Measure] = [],
        metrics: [Measure] = []
    ) {
        self.engine = engine
        self.isNeural = isNeural
        self.posterPath = posterPath
        self.mouthPath = mouthPath
        self.timings = timings
        self.metrics = metrics
    }
}

/// A clip that has been made.
public struct Clip: Sendable, Equatable {
    /// What is said, as far as it is known.
    public var text: String
    /// The voice's identifier, or `recording`.
    public var voice: String
    /// Whose face; nil without a video.
    public var avatar: String?
    /// The sound, WAV.
    public var audioPath: String
    /// A picture of the sound, PNG.
    public var waveformPath: String
    /// The video; nil where none was wanted, or it failed.
    public var videoPath: String?
    /// Why there is no video although one was wanted; the sound is there all the same.
    public var videoProblem: String?
    /// Which engine was chosen, and why; nil where no video was wanted or none could be chosen.
    public var engineReason: String?
    /// What the engine says about the video.
    public var animation: AnimationResult?
    /// What was random followed from it.
    public var seed: UInt64
    /// How long the sound is.
    public var durationSeconds: Double
    /// How long the making took.
    public var processingSeconds: Double
    /// How many seconds each stage took, in order.
    public var timings: [Measure]

    /// What is charted: times, speed, memory and quality.
    public var metrics: [Measure] {
        var all = [
            Measure("speed/real_time_factor", processingSeconds / max(durationSeconds, 1e-3)),
            Measure("seconds/audio", durationSeconds), Measure("seconds/total", processingSeconds),
        ]
        all += timings.map { Measure("seconds/\($0.name)", $0.value) }
        return all + (animation?.metrics ?? [])
    }
}

/// How far the making of a clip is.
public struct ClipProgress: Sendable, Hashable {
    /// What is being done.
    public enum Stage: String, Sendable, Codable {
        /// The text is spoken, or the recording compared with its text.
        case voice
        /// An engine makes the video.
        case video
    }

    /// What is being done.
    public var stage: Stage
    /// From 0 to 1; nil where nobody can tell.
    public var fraction: Double?
    /// In a few words.
    public var text: String
}

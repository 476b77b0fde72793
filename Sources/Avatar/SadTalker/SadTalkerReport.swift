/// What became of a clip, and how long it took.
public struct SadTalkerReport: Sendable, Hashable {
    /// How long one stage took.
    public struct Timing: Sendable, Hashable {
        /// What was done.
        public var stage: SadTalkerProgress.Stage
        /// How long it took.
        public var seconds: Double

        /// - Parameters:
        ///   - stage: what was done.
        ///   - seconds: how long it took.
        public init(stage: SadTalkerProgress.Stage, seconds: Double) {
            self.stage = stage
            self.seconds = seconds
        }
    }

    /// The video.
    public var path: String
    /// Its length in bytes.
    public var byteCount: Int
    /// The name of the engine in metrics: `sadtalker256`, `sadtalker512`.
    public var engine: String
    /// The host that drew it.
    public var host: String
    /// How long the recording is.
    public var audioSeconds: Double
    /// How long all took.
    public var totalSeconds: Double
    /// The stages in the order they came.
    public var timings: [Timing]
    /// Whether a network drew the face: always, here.
    public var isNeural: Bool { true }
    /// How many seconds one second of the recording took; 0 for none.
    public var realTimeFactor: Double { audioSeconds > 0 ? totalSeconds / audioSeconds : 0 }
}

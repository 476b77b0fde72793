/// What a clip is and how its making went; the numbers go into a run's metrics.
public struct ClipReport: Sendable, Codable, Equatable {
    /// How long each stage took, in seconds of the clock.
    public struct Stages: Sendable, Codable, Equatable {
        /// Analysis of the sound and planning of the motion.
        public var motion = 0.0
        /// Drawing, summed over all threads.
        public var drawing = 0.0
        /// From the first picture to the end of the encoder.
        public var video = 0.0
        /// Poster and mouth pictures.
        public var pictures = 0.0
    }

    /// Where the clip and its pictures lie.
    public struct Files: Sendable, Codable, Equatable {
        /// The clip.
        public var video: String
        /// A picture to show before it plays, PNG.
        public var poster: String
        /// The mouth's opening over the loudness, PNG.
        public var mouth: String

        /// The names that go with a clip: `a.mp4` has `a.poster.png` and `a.mouth.png`.
        ///
        /// - Parameter video: the clip.
        public init(video: String) {
            self.video = video
            let files = ClipFiles(video: video)
            poster = files.poster
            mouth = files.mouth
        }
    }

    /// `rig-v` for drawn faces, `rig-p` for photographs.
    public var engine: String
    /// Always false: nothing here was learnt.
    public var neural = false
    /// Whether the sounds of the speech were known, or the mouth was guessed from the signal.
    public var hasPhonemes: Bool
    /// What the motion follows from.
    public var seed: UInt64
    /// The side of the picture in pixels.
    public var size: Int
    /// How many pictures.
    public var frameCount: Int
    /// Of the sound.
    public var audioSeconds: Double
    /// Of the whole making.
    public var wallSeconds: Double
    /// Until the encoder had its first picture.
    public var firstFrameSeconds: Double
    /// ``wallSeconds`` for each second of the sound.
    public var realTimeFactor: Double
    /// Pictures for each second of making.
    public var framesPerSecond: Double
    /// How long a picture took to draw: median, 95th percentile and longest, in milliseconds.
    public var frameMilliseconds: [Double]
    /// Processor time of this process and of the encoder, in seconds.
    public var userSeconds: Double
    /// The most memory this process has had.
    public var peakMemoryBytes: Int
    /// The most memory an encoder has had.
    public var encoderPeakMemoryBytes: Int
    /// Of the video's file.
    public var videoBytes: Int
    /// How long the stages took.
    public var stages: Stages
    /// How well mouth and sound go together.
    public var quality: MotionQuality
    /// What was written.
    public var files: Files
}

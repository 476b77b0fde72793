import Audio

/// How a face moves while it says something: one ``MotionFrame`` per picture.
///
/// The same speech and seed give the same motion. Pictures are made as they are asked for: a clip of ten minutes takes
/// about a megabyte.
public struct MotionSequence: Sequence, Sendable {
    /// How many pictures there are.
    public let count: Int
    /// How long the sound is, in seconds.
    var duration: Double { analysis.durationSeconds }
    let analysis: SignalAnalysis
    private let mouth: MouthMotion
    private let eyes: EyeMotion
    private let head: HeadMotion
    private let smile: SmileMotion

    /// Analyses a speech; about 1 % of its duration.
    ///
    /// - Parameters:
    ///   - speech: sound, and sounds of speech where they are known; without them the mouth follows the signal.
    ///   - seed: blinks, looks and the head's drift follow from it.
    /// - Throws: ``AvatarError/audio(_:)``, `CancellationError`.
    public init(_ speech: Speech, seed: UInt64) throws {
        try self.init(SoundBlocks(speech.audio), phonemes: speech.phonemes, seed: seed)
    }

    /// The same for sound that need not be in memory.
    init(_ blocks: consuming SoundBlocks, phonemes: [TimedPhoneme], seed: UInt64) throws {
        do {
            analysis = try SignalAnalysis(blocks, includesSounds: phonemes.isEmpty)
        } catch let error as AudioError {
            throw AvatarError.audio(error)
        }
        let duration = analysis.durationSeconds
        count = MotionFrame.count(durationSeconds: duration)
        let prosody = Prosody(analysis, phonemes: phonemes)
        mouth = MouthMotion(phonemes: phonemes, analysis: analysis, durationSeconds: duration)
        eyes = EyeMotion(durationSeconds: duration, prosody: prosody, seed: seed)
        head = HeadMotion(prosody: prosody, seed: seed)
        smile = SmileMotion(prosody: prosody, seed: seed)
    }

    /// Begins at the first picture.
    ///
    /// - Returns: an iterator of its own.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// How many blinks there are in all.
    var blinkCount: Int { eyes.blinkCount(beforeSeconds: .infinity) }

    /// Makes one picture's motion after the other.
    public struct Iterator: IteratorProtocol, Sendable {
        private let sequence: MotionSequence
        private var mouth: MouthMotion
        private var index = 0

        init(_ sequence: MotionSequence) {
            self.sequence = sequence
            mouth = sequence.mouth
        }

        /// The next picture's motion.
        ///
        /// - Returns: nil after the last.
        public mutating func next() -> MotionFrame? {
            guard index < sequence.count else { return nil }
            defer { index += 1 }
            let time = MotionFrame.timeSeconds(ofFrame: index)
            var frame = MotionFrame()
            frame.mouth = mouth.shape(ofFrame: index)
            let blink = sequence.eyes.blink(atSeconds: time)
            frame.blinkLeft = blink
            frame.blinkRight = blink
            frame.smile = sequence.smile.level(atSeconds: time)
            sequence.head.apply(to: &frame, atSeconds: time)
            let gaze = sequence.eyes.gaze(atSeconds: time)
            frame.gazeX = (gaze.x - frame.yawDegrees * EyeMotion.counterTurn).clamped(to: -1...1)
            frame.gazeY = (gaze.y - frame.pitchDegrees * EyeMotion.counterTurn).clamped(to: -1...1)
            return frame
        }
    }
}

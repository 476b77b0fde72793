public import Audio

/// A sound of speech, and when it is spoken.
public struct TimedPhoneme: Sendable, Hashable, Codable {
    /// The sound in the International Phonetic Alphabet, without stress marks: `"m"`, `"ɑː"`, `"tʃ"`; `""` is silence.
    public var symbol: String
    /// When it begins, in seconds from the start of the audio.
    public var startSeconds: Double
    /// When it ends; the start of the next one.
    public var endSeconds: Double
    /// Whether the vowel carries the main stress of its word.
    public var isStressed: Bool

    /// - Parameters:
    ///   - symbol: the sound in the International Phonetic Alphabet, without stress marks.
    ///   - startSeconds: when it begins.
    ///   - endSeconds: when it ends.
    ///   - isStressed: whether it carries the main stress of its word.
    public init(symbol: String, startSeconds: Double, endSeconds: Double, isStressed: Bool = false) {
        self.symbol = symbol
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
        self.isStressed = isStressed
    }
}

/// What a voice says: the audio, and what is known of its sounds.
public struct Speech: Sendable {
    /// The audio, one channel.
    public var audio: AudioSignal
    /// The sounds in order of time; empty where nothing is known but the signal.
    public var phonemes: [TimedPhoneme]

    /// - Parameters:
    ///   - audio: one channel.
    ///   - phonemes: the sounds in order of time; empty where unknown.
    public init(audio: AudioSignal, phonemes: [TimedPhoneme]) {
        self.audio = audio
        self.phonemes = phonemes
    }
}

/// A recording and what is said in it.
public struct Utterance: Sendable, Hashable {
    /// Its name in the corpus, which no other has: `103-1240-0000`.
    public var id: String
    /// Where the recording is.
    public var audioPath: String
    /// What is said, as ``TranscriptText/normalized(_:)`` has it.
    public var text: String
    /// How long the recording is.
    public var durationSeconds: Double

    /// - Parameters:
    ///   - id: its name in the corpus, which no other has.
    ///   - audioPath: where the recording is.
    ///   - text: what is said, normalised.
    ///   - durationSeconds: how long the recording is.
    public init(id: String, audioPath: String, text: String, durationSeconds: Double) {
        self.id = id
        self.audioPath = audioPath
        self.text = text
        self.durationSeconds = durationSeconds
    }
}

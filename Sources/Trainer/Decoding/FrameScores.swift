/// What a model says of every frame of one utterance: the logarithm of each token's probability.
public struct FrameScores: Sendable {
    /// `[frames, vocabulary]`, row after row.
    public let values: [Float]
    /// How many tokens there are, the blank among them.
    public let vocabularySize: Int
    /// How many frames there are.
    public let frameCount: Int

    /// - Parameters:
    ///   - values: `[frames, vocabulary]`, row after row; valid frames only.
    ///   - vocabularySize: how many tokens there are, the blank among them.
    /// - Throws: ``TrainerError/scores(reason:)`` where the numbers are no whole rows.
    public init(_ values: [Float], vocabularySize: Int) throws(TrainerError) {
        guard vocabularySize > 0, values.count.isMultiple(of: vocabularySize) else {
            throw .scores(
                reason:
                    "\(values.count) numbers are no rows of \(vocabularySize) tokens; pass frames × vocabulary"
            )
        }
        self.values = values
        self.vocabularySize = vocabularySize
        frameCount = values.count / vocabularySize
    }

    /// - Parameter rows: one for each frame, as long as the vocabulary.
    /// - Throws: ``TrainerError/scores(reason:)`` where rows differ in length, or there is none.
    public init(rows: [[Float]]) throws(TrainerError) {
        guard let width = rows.first?.count, rows.allSatisfy({ $0.count == width }) else {
            throw .scores(reason: "the rows of \(rows.count) frames are not all as long as the vocabulary")
        }
        try self.init(rows.flatMap { $0 }, vocabularySize: width)
    }

    /// The scores of all tokens in a frame.
    ///
    /// - Parameter frame: from 0.
    subscript(frame: Int) -> ArraySlice<Float> {
        values[frame * vocabularySize..<(frame + 1) * vocabularySize]
    }

    /// Fails where a token is none of the vocabulary's.
    func require(_ token: Int32, _ title: String) throws(TrainerError) {
        guard (0..<vocabularySize).contains(Int(token)) else {
            throw .scores(reason: "\(title) \(token) is not in the vocabulary of \(vocabularySize) tokens")
        }
    }
}

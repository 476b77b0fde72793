public import TensorCore

/// What decoding token by token remembers, so that every token is computed once.
public struct DecoderCache: Sendable {
    /// What one layer remembers.
    struct Layer: Sendable {
        /// Keys and values of the encoder's frames.
        var memory: (Tensor, Tensor)
        /// Keys and values of the tokens so far; nil before the first.
        var past: (Tensor, Tensor)?
    }

    var layers: [Layer]
    private(set) var lengths: [Int]?
    /// Which utterance each row is about.
    private var utterances: [Int]
    /// How many tokens each row has.
    public internal(set) var tokenCount = 0

    init(memories: [(Tensor, Tensor)], lengths: [Int]?, batch: Int) {
        layers = memories.map { Layer(memory: $0) }
        self.lengths = lengths
        utterances = Array(0..<batch)
    }

    /// How many rows there are.
    public var rowCount: Int { utterances.count }

    /// Goes on with some rows in another order: what a beam search does at every step.
    ///
    /// What rows of one utterance share is left where it is as long as each place stays with its utterance.
    ///
    /// - Parameter rows: which rows, as often as each is wanted.
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)`` where there is no such row.
    public mutating func keep(rows: [Int]) throws(TensorError) {
        if let wrong = rows.first(where: { !utterances.indices.contains($0) }) {
            throw .invalidArgument(
                operation: "decoder cache",
                reason: "there is no row \(wrong) among \(rowCount)"
            )
        }
        guard rows != Array(utterances.indices) else { return }
        let kept = rows.map { utterances[$0] }
        let sharesMemory = kept == utterances
        for index in layers.indices {
            if let past = layers[index].past {
                layers[index].past = (try past.0.rows(rows), try past.1.rows(rows))
            }
            if !sharesMemory {
                let memory = layers[index].memory
                layers[index].memory = (try memory.0.rows(rows), try memory.1.rows(rows))
            }
        }
        lengths = lengths.map { lengths in rows.map { lengths[$0] } }
        utterances = kept
    }
}

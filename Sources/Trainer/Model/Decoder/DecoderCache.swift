import TensorCore

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
    let lengths: [Int]?
    let batch: Int
    /// How many tokens each row has.
    public internal(set) var tokenCount = 0

    init(memories: [(Tensor, Tensor)], lengths: [Int]?, batch: Int) {
        layers = memories.map { Layer(memory: $0) }
        self.lengths = lengths
        self.batch = batch
    }
}

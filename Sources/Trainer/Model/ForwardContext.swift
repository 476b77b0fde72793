public import TensorCore

/// How a model is run: to be judged, or to learn.
public struct ForwardContext: Sendable {
    /// Whether dropout takes elements and batch norms use the batch at hand.
    public var isTraining: Bool
    /// Where chance comes from; nil for no dropout.
    public var random: RandomStream?
    /// How likely dropout takes an element.
    public var dropout: Float

    /// - Parameters:
    ///   - isTraining: whether dropout takes elements and batch norms use the batch at hand.
    ///   - random: where chance comes from.
    ///   - dropout: how likely dropout takes an element.
    public init(isTraining: Bool, random: RandomStream? = nil, dropout: Float = 0) {
        self.isTraining = isTraining
        self.random = random
        self.dropout = dropout
    }

    /// To be judged.
    public static let evaluation = ForwardContext(isTraining: false)

    func dropout(_ x: Tensor) throws(TensorError) -> Tensor { try x.dropout(takeDropoutKey()) }

    /// What the next dropout takes; nil for nothing.
    ///
    /// Every call uses up a part of chance.
    func takeDropoutKey() -> DropoutKey? { isTraining ? random?.dropoutKey(dropout) : nil }
}

/// What VoxFormer was trained with and is not right: needed where its checkpoints are to give its numbers.
public struct Compatibility: Sendable, Hashable {
    /// Masks are widened on the way up, so that up to three frames of padding count.
    public var growsMasks: Bool
    /// Convolutions and batch norms see what lies behind the end of an utterance.
    public var convolvesPadding: Bool

    /// - Parameters:
    ///   - growsMasks: masks are widened on the way up.
    ///   - convolvesPadding: convolutions and batch norms see padding.
    public init(growsMasks: Bool, convolvesPadding: Bool) {
        self.growsMasks = growsMasks
        self.convolvesPadding = convolvesPadding
    }

    /// An utterance gives the same numbers with and without padding.
    public static let none = Compatibility(growsMasks: false, convolvesPadding: false)
    /// As the original.
    public static let original = Compatibility(growsMasks: true, convolvesPadding: true)
}

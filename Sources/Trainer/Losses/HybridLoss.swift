public import TensorCore

/// How wrong a model is on a batch, told by its frames and told by its decoder.
///
/// Source: Watanabe et al., "Hybrid CTC/Attention Architecture for End-to-End Speech Recognition", 2017.
public struct HybridLoss: Sendable {
    /// The two losses of a batch; both carry derivatives where the model was recorded.
    public struct Values: Sendable {
        /// Of the frames: connectionist temporal classification.
        public var connectionist: Tensor
        /// Of the decoder: cross entropy.
        public var crossEntropy: Tensor

        /// Both as one.
        ///
        /// - Parameter weights: how much either counts.
        /// - Returns: a single number.
        /// - Throws: ``TensorError`` where memory is short.
        public func total(_ weights: LossWeights.Pair) throws(TensorError) -> Tensor {
            try connectionist.scaled(by: Float(weights.ctc))
                .adding(crossEntropy.scaled(by: Float(weights.crossEntropy)))
        }
    }

    /// What the decoder is to expect of wrong tokens.
    public var smoothing: LabelSmoothing
    /// Whether the frames are to spell the end token, too: as VoxFormer was trained, and costs a frame for nothing.
    public var spellsEnd: Bool

    /// - Parameters:
    ///   - smoothing: what the decoder is to expect of wrong tokens.
    ///   - spellsEnd: whether the frames are to spell the end token, too.
    public init(smoothing: LabelSmoothing = .standard(0.1), spellsEnd: Bool = false) {
        self.smoothing = smoothing
        self.spellsEnd = spellsEnd
    }

    /// - Parameters:
    ///   - model: the model.
    ///   - heard: what it heard.
    ///   - tokens: what was said.
    ///   - context: how the model is run.
    /// - Returns: both losses.
    /// - Throws: ``TensorError`` where the texts do not fit what was heard.
    public func callAsFunction(
        _ model: VoxFormer,
        _ heard: VoxFormer.Encoded,
        _ tokens: TokenBatch,
        _ context: ForwardContext
    ) throws(TensorError) -> Values {
        let logits = try model.decoder(
            tokens.inputs,
            batch: tokens.count,
            frames: heard.frames,
            lengths: heard.lengths,
            context
        )
        return try self(scores: heard.tokenScores, lengths: heard.lengths, logits: logits, tokens)
    }

    /// - Parameters:
    ///   - scores: `[B, T, vocabulary]`, of the frames.
    ///   - lengths: how many frames of each row count; nil for all.
    ///   - logits: `[B, length, vocabulary]`, of the decoder.
    ///   - tokens: what was said.
    /// - Returns: both losses.
    /// - Throws: ``TensorError`` where the texts do not fit.
    public func callAsFunction(
        scores: Tensor,
        lengths: [Int]?,
        logits: Tensor,
        _ tokens: TokenBatch
    ) throws(TensorError) -> Values {
        let frameCount = scores.rank == 3 ? scores.shape[1] : 0
        return Values(
            connectionist: try scores.connectionistTemporalClassificationLoss(
                spellsEnd ? tokens.texts.map { $0 + [SpecialToken.end.id] } : tokens.texts,
                inputLengths: lengths ?? [Int](repeating: frameCount, count: tokens.count),
                blank: SpecialToken.padding.id
            ),
            crossEntropy: try logits.crossEntropy(
                tokens.targets,
                ignoring: SpecialToken.padding.id,
                smoothing: smoothing
            )
        )
    }
}

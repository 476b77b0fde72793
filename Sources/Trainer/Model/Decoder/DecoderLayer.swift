public import TensorCore

/// Attention to earlier tokens, attention to what was heard, and a feed-forward, each behind a norm and beside a short
/// cut.
///
/// Source: Vaswani et al., "Attention Is All You Need", 2017, with the norms in front.
public struct DecoderLayer: Sendable {
    let norms: (LayerNorm, LayerNorm, LayerNorm)
    let selfAttention: SelfAttention
    let crossAttention: CrossAttention
    let feedForward: GatedFeedForward

    /// - Parameters:
    ///   - builder: makes `norm1` to `norm3`, `self_attn`, `cross_attn`, `ffn`.
    ///   - sizes: the decoder's sizes.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, _ sizes: DecoderSizes) throws(TensorError) {
        norms = (
            try LayerNorm(builder.scoped("norm1"), width: sizes.width),
            try LayerNorm(builder.scoped("norm2"), width: sizes.width),
            try LayerNorm(builder.scoped("norm3"), width: sizes.width)
        )
        selfAttention = try SelfAttention(
            builder.scoped("self_attn"),
            width: sizes.width,
            headCount: sizes.headCount
        )
        crossAttention = try CrossAttention(
            builder.scoped("cross_attn"),
            width: sizes.width,
            headCount: sizes.headCount
        )
        feedForward = try GatedFeedForward(
            builder.scoped("ffn"),
            width: sizes.width,
            innerWidth: sizes.innerWidth
        )
    }

    /// - Parameters:
    ///   - x: `[B, L, width]`.
    ///   - memory: keys and values of the encoder's frames.
    ///   - lengths: how many frames of each row count; nil for all.
    ///   - context: how the model is run.
    /// - Returns: a tensor of x's shape.
    /// - Throws: ``TensorError``.
    func callAsFunction(
        _ x: Tensor,
        memory: (Tensor, Tensor),
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> Tensor {
        let past = try selfAttention(norms.0(x), lengths: nil, isCausal: true, context)
        var x = try x.adding(context.dropout(past))
        x = try x.adding(context.dropout(crossAttention(norms.1(x), memory, lengths: lengths, context)))
        return try x.adding(feedForward(norms.2(x), context))
    }

    /// The same for further tokens, those before being remembered.
    ///
    /// - Parameters:
    ///   - x: `[B, L, width]`.
    ///   - cache: what came before.
    ///   - lengths: how many frames of each row count; nil for all.
    /// - Returns: a tensor of x's shape.
    /// - Throws: ``TensorError``.
    func next(
        _ x: Tensor,
        _ cache: inout DecoderCache.Layer,
        lengths: [Int]?
    ) throws(TensorError) -> Tensor {
        let start = cache.past?.0.shape[1] ?? 0
        let (query, key, value) = try selfAttention.projected(norms.0(x), start: start)
        let keys = try cache.past.map { past throws(TensorError) in
            try Tensor.concatenated([past.0, key], axis: 1)
        }
        let values = try cache.past.map { past throws(TensorError) in
            try Tensor.concatenated([past.1, value], axis: 1)
        }
        cache.past = (keys ?? key, values ?? value)
        let context = ForwardContext.evaluation
        var x = try x.adding(
            selfAttention.attended(query, keys ?? key, values ?? value, lengths: nil, isCausal: true)
        )
        x = try x.adding(crossAttention(norms.1(x), cache.memory, lengths: lengths, context))
        return try x.adding(feedForward(norms.2(x), context))
    }
}

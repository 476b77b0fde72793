public import TensorCore

/// Tokens to the scores of the tokens after them, in view of what was heard.
public struct TransformerDecoder: Sendable {
    let embedding: Parameter
    let layers: [DecoderLayer]
    let norm: LayerNorm
    let output: Linear
    let width: Int

    /// The token that stands for nothing.
    private static let padding: Int32 = 0

    /// - Parameters:
    ///   - builder: makes `token_embedding`, `layers`, `final_norm`, `output_proj`.
    ///   - sizes: the decoder's sizes.
    /// - Throws: ``TensorError`` where memory or the file fails, or the sizes do not suit.
    public init(_ builder: ParameterBuilder, _ sizes: DecoderSizes) throws(TensorError) {
        try sizes.validate()
        width = sizes.width
        let initial = Initialization.normal(standardDeviation: 0.02)
        embedding = try builder.scoped("token_embedding")
            .parameter("weight", [sizes.vocabularySize, sizes.width], initial)
        var layers: [DecoderLayer] = []
        for index in 0..<sizes.layerCount {
            layers.append(try DecoderLayer(builder.scoped("layers").scoped(index), sizes))
        }
        self.layers = layers
        norm = try LayerNorm(builder.scoped("final_norm"), width: sizes.width)
        output = try Linear(
            builder.scoped("output_proj"),
            inputs: sizes.width,
            outputs: sizes.vocabularySize,
            hasBias: false,
            initial: initial
        )
    }

    /// The scores after every token of whole sequences.
    ///
    /// - Parameters:
    ///   - tokens: `[B, L]`, row-major.
    ///   - batch: B.
    ///   - frames: `[B, T, width]`.
    ///   - lengths: how many frames of each row count; nil for all.
    ///   - context: how the model is run.
    /// - Returns: `[B, L, vocabulary]`.
    /// - Throws: ``TensorError``.
    public func callAsFunction(
        _ tokens: [Int32],
        batch: Int,
        frames: Tensor,
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> Tensor {
        var x = try context.dropout(embedded(tokens, batch: batch))
        for layer in layers {
            x = try layer(x, memory: layer.crossAttention.projected(frames), lengths: lengths, context)
        }
        return try output(norm(x))
    }

    /// What decoding token by token begins with.
    ///
    /// - Parameters:
    ///   - frames: `[B, T, width]`.
    ///   - lengths: how many frames of each row count; nil for all.
    /// - Returns: a cache without tokens.
    /// - Throws: ``TensorError``.
    public func cache(frames: Tensor, lengths: [Int]?) throws(TensorError) -> DecoderCache {
        var memories: [(Tensor, Tensor)] = []
        for layer in layers { memories.append(try layer.crossAttention.projected(frames)) }
        return DecoderCache(memories: memories, lengths: lengths, batch: frames.shape[0])
    }

    /// The scores after further tokens, those before being remembered.
    ///
    /// - Parameters:
    ///   - tokens: `[B, L]`, row-major, usually one for each row.
    ///   - cache: what came before; afterwards with these tokens.
    /// - Returns: `[B, L, vocabulary]`.
    /// - Throws: ``TensorError``.
    public func next(_ tokens: [Int32], _ cache: inout DecoderCache) throws(TensorError) -> Tensor {
        var x = try embedded(tokens, batch: cache.rowCount)
        for (index, layer) in layers.enumerated() {
            x = try layer.next(x, &cache.layers[index], lengths: cache.lengths)
        }
        cache.tokenCount += x.shape[1]
        return try output(norm(x))
    }

    private func embedded(_ tokens: [Int32], batch: Int) throws(TensorError) -> Tensor {
        let length = batch > 0 ? tokens.count / batch : 0
        return try Tensor.embedded(
            tokens,
            [batch, length],
            table: embedding.tensor,
            padding: Self.padding
        ).scaled(by: Float(width).squareRoot())
    }
}

/// The sizes of the decoder.
public struct DecoderSizes: Sendable, Hashable {
    /// How many tokens there are.
    public var vocabularySize: Int
    /// The width of every token.
    public var width: Int
    /// How many heads attention has.
    public var headCount: Int
    /// How many layers there are.
    public var layerCount: Int
    /// The inner width of feed-forwards.
    public var innerWidth: Int

    /// VoxFormer's sizes.
    ///
    /// - Parameters:
    ///   - vocabularySize: how many tokens there are.
    ///   - width: the width of every token.
    ///   - headCount: how many heads attention has.
    ///   - layerCount: how many layers there are.
    ///   - innerWidth: the inner width of feed-forwards.
    public init(
        vocabularySize: Int = 2000,
        width: Int = 512,
        headCount: Int = 8,
        layerCount: Int = 4,
        innerWidth: Int = 2048
    ) {
        self.vocabularySize = vocabularySize
        self.width = width
        self.headCount = headCount
        self.layerCount = layerCount
        self.innerWidth = innerWidth
    }

    /// Fails where no decoder has these sizes, before one of them is divided by or allocated.
    ///
    /// - Throws: ``TensorError/invalidArgument(operation:reason:)``, which names the first size that does not suit.
    public func validate() throws(TensorError) {
        try ModelSizes.requireHeads(width: width, headCount: headCount, for: "decoder")
        try ModelSizes.require(
            ("the vocabulary", vocabularySize),
            ("the number of layers", layerCount),
            ("the inner width", innerWidth),
            for: "decoder"
        )
    }
}

import TensorCore

/// Attention and a feed-forward, with norms behind them (base) or in front of them (large).
struct WavLMLayer: Sendable {
    let attention: GatedAttention
    private let norm: LayerNorm
    private let inner: Linear
    private let outer: Linear
    private let finalNorm: LayerNorm
    private let style: WavLMConfiguration.Style

    init(
        _ builder: ParameterBuilder,
        _ configuration: WavLMConfiguration,
        isFirst: Bool
    ) throws(TensorError) {
        style = configuration.style
        let width = configuration.width
        attention = try GatedAttention(builder.scoped("attention"), configuration, isFirst: isFirst)
        norm = try LayerNorm(builder.scoped("layer_norm"), width: width)
        let feedForward = builder.scoped("feed_forward")
        inner = try Linear(
            feedForward.scoped("intermediate_dense"),
            inputs: width,
            outputs: configuration.innerWidth
        )
        outer = try Linear(
            feedForward.scoped("output_dense"),
            inputs: configuration.innerWidth,
            outputs: width
        )
        finalNorm = try LayerNorm(builder.scoped("final_layer_norm"), width: width)
    }

    func callAsFunction(
        _ x: Tensor,
        bias: Tensor,
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> Tensor {
        switch style {
        case .base:
            let attended = try context.dropout(attention(x, bias: bias, lengths: lengths))
            let middle = try norm(x.adding(attended))
            return try finalNorm(middle.adding(feedForward(middle, context)))
        case .large:
            let attended = try context.dropout(attention(norm(x), bias: bias, lengths: lengths))
            let middle = try x.adding(attended)
            return try middle.adding(feedForward(finalNorm(middle), context))
        }
    }

    private func feedForward(_ x: Tensor, _ context: ForwardContext) throws(TensorError) -> Tensor {
        try context.dropout(outer(inner(x, activation: .gelu)))
    }
}

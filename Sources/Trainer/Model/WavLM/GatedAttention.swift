import TensorCore

/// Attention whose bias by distance every query turns up or down for itself.
///
/// Source: Chen et al., "WavLM", 2022, §III-B; Chi et al., "XLM-E", 2022.
struct GatedAttention: Sendable {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let gate: Linear
    private let gateScale: Parameter
    /// The table of biases, in the first layer.
    let table: Parameter?
    private let headCount: Int
    private let headWidth: Int

    init(
        _ builder: ParameterBuilder,
        _ configuration: WavLMConfiguration,
        isFirst: Bool
    ) throws(TensorError) {
        let width = configuration.width
        headCount = configuration.headCount
        headWidth = width / configuration.headCount
        query = try Linear(builder.scoped("q_proj"), inputs: width, outputs: width)
        key = try Linear(builder.scoped("k_proj"), inputs: width, outputs: width)
        value = try Linear(builder.scoped("v_proj"), inputs: width, outputs: width)
        output = try Linear(builder.scoped("out_proj"), inputs: width, outputs: width)
        gate = try Linear(builder.scoped("gru_rel_pos_linear"), inputs: headWidth, outputs: 8)
        gateScale = try builder.parameter("gru_rel_pos_const", [1, headCount, 1, 1], .ones)
        table =
            isFirst
            ? try builder.scoped("rel_attn_embed").parameter(
                "weight",
                [configuration.bucketCount, headCount],
                .normal(standardDeviation: 0.02)
            ) : nil
    }

    /// How much every query makes of the bias.
    ///
    /// - Parameter x: `[B, T, width]`: the input of the attention, not its queries.
    /// - Returns: `[B, heads, T]`.
    /// - Throws: ``TensorError``.
    func gates(_ x: Tensor) throws(TensorError) -> Tensor {
        let (batch, frames) = (x.shape[0], x.shape[1])
        let logits = try gate(x.reshaped(to: [batch, frames, headCount, headWidth]))
        let pair = try logits.reshaped(to: [batch, frames, headCount, 2, 4]).sum(axis: 4).sigmoid()
        let first = try pair.sliced(axis: 3, 0..<1).reshaped(to: [batch, frames, headCount])
        let second = try pair.sliced(axis: 3, 1..<2).reshaped(to: [batch, frames, headCount])
        let inner = try second.multiplying(gateScale.tensor.reshaped(to: [headCount])).scaled(
            by: 1,
            adding: -1
        )
        return try first.multiplying(inner).scaled(by: 1, adding: 2).transposed(1, 2).contiguous()
    }

    /// - Parameters:
    ///   - x: `[B, T, width]`.
    ///   - bias: `[heads, 2·T − 1]`.
    ///   - lengths: how many frames of each row count; nil for all.
    /// - Returns: a tensor of x's shape.
    /// - Throws: ``TensorError``.
    func callAsFunction(_ x: Tensor, bias: Tensor, lengths: [Int]?) throws(TensorError) -> Tensor {
        let shape: Shape = [x.shape[0], x.shape[1], headCount, headWidth]
        let heads = try Tensor.attention(
            query: query(x).reshaped(to: shape),
            key: key(x).reshaped(to: shape),
            value: value(x).reshaped(to: shape),
            scale: 1 / Float(headWidth).squareRoot(),
            keyLengths: lengths,
            bias: .relative(bias, gate: gates(x))
        )
        return try output(heads.reshaped(to: x.shape))
    }
}

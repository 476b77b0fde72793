public import TensorCore

/// Attention of tokens to the frames of the encoder.
public struct CrossAttention: Sendable {
    let query: Linear
    let keysAndValues: Linear
    let output: Linear
    let headCount: Int
    let headWidth: Int

    /// - Parameters:
    ///   - builder: makes `q_proj`, `kv_proj`, `out_proj`.
    ///   - width: the model's width, a multiple of the heads.
    ///   - headCount: how many heads there are.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, width: Int, headCount: Int) throws(TensorError) {
        self.headCount = headCount
        headWidth = width / headCount
        query = try Linear(builder.scoped("q_proj"), inputs: width, outputs: width, hasBias: false)
        keysAndValues = try Linear(
            builder.scoped("kv_proj"),
            inputs: width,
            outputs: 2 * width,
            hasBias: false
        )
        output = try Linear(builder.scoped("out_proj"), inputs: width, outputs: width, hasBias: false)
    }

    /// What the encoder's frames are to tokens; the same for all of them.
    ///
    /// - Parameter frames: `[B, T, width]`.
    /// - Returns: keys and values, `[B, T, H, D]` each.
    /// - Throws: ``TensorError``.
    func projected(_ frames: Tensor) throws(TensorError) -> (Tensor, Tensor) {
        let packed = try keysAndValues(frames)
            .reshaped(to: [frames.shape[0], frames.shape[1], 2 * headCount, headWidth])
        return (
            try packed.sliced(axis: 2, 0..<headCount), try packed.sliced(axis: 2, headCount..<2 * headCount)
        )
    }

    /// - Parameters:
    ///   - x: `[B, L, width]`.
    ///   - memory: what ``projected(_:)`` returned.
    ///   - lengths: how many frames of each row count; nil for all.
    ///   - context: how the model is run; dropout takes weights of frames.
    /// - Returns: a tensor of x's shape.
    /// - Throws: ``TensorError``.
    func callAsFunction(
        _ x: Tensor,
        _ memory: (Tensor, Tensor),
        lengths: [Int]?,
        _ context: ForwardContext
    ) throws(TensorError) -> Tensor {
        let heads = try Tensor.attention(
            query: query(x).reshaped(to: [x.shape[0], x.shape[1], headCount, headWidth]),
            key: memory.0,
            value: memory.1,
            scale: 1 / Float(headWidth).squareRoot(),
            keyLengths: lengths,
            dropout: context.takeDropoutKey()
        )
        return try output(heads.reshaped(to: x.shape))
    }
}

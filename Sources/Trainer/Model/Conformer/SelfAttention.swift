public import TensorCore

/// Attention of frames to frames of the same sequence, which tell distances by rotation.
public struct SelfAttention: Sendable {
    let projection: Linear
    let output: Linear
    let headCount: Int
    let headWidth: Int

    /// - Parameters:
    ///   - builder: makes `qkv_proj` and `out_proj`.
    ///   - width: the model's width, a multiple of the heads.
    ///   - headCount: how many heads there are.
    /// - Throws: ``TensorError`` where memory or the file fails.
    public init(_ builder: ParameterBuilder, width: Int, headCount: Int) throws(TensorError) {
        self.headCount = headCount
        headWidth = width / headCount
        projection = try Linear(builder.scoped("qkv_proj"), inputs: width, outputs: 3 * width, hasBias: false)
        output = try Linear(builder.scoped("out_proj"), inputs: width, outputs: width, hasBias: false)
    }

    /// Queries, keys and values, `[B, T, H, D]` each, the first two turned.
    ///
    /// - Parameters:
    ///   - x: `[B, T, width]`.
    ///   - start: the position of the first frame.
    /// - Returns: queries, keys and values.
    /// - Throws: ``TensorError``.
    func projected(_ x: Tensor, start: Int = 0) throws(TensorError) -> (Tensor, Tensor, Tensor) {
        let packed = try projection(x).reshaped(to: [x.shape[0], x.shape[1], 3 * headCount, headWidth])
        let query = try packed.sliced(axis: 2, 0..<headCount)
        let key = try packed.sliced(axis: 2, headCount..<2 * headCount)
        let value = try packed.sliced(axis: 2, 2 * headCount..<3 * headCount)
        return (try query.rotated(start: start), try key.rotated(start: start), value)
    }

    /// The heads' results put together.
    ///
    /// - Parameters:
    ///   - query: `[B, Tq, H, D]`.
    ///   - key: `[B, Tk, H, D]`.
    ///   - value: `[B, Tk, H, D]`.
    ///   - lengths: how many keys count.
    ///   - isCausal: whether a query sees no later key.
    ///   - dropout: which weights are taken; nil for none.
    /// - Returns: `[B, Tq, width]`.
    /// - Throws: ``TensorError``.
    func attended(
        _ query: Tensor,
        _ key: Tensor,
        _ value: Tensor,
        lengths: [Int]?,
        isCausal: Bool,
        dropout: DropoutKey? = nil
    ) throws(TensorError) -> Tensor {
        let heads = try Tensor.attention(
            query: query,
            key: key,
            value: value,
            scale: 1 / Float(headWidth).squareRoot(),
            keyLengths: lengths,
            isCausal: isCausal,
            dropout: dropout
        )
        return try output(heads.reshaped(to: [query.shape[0], query.shape[1], headCount * headWidth]))
    }

    /// - Parameters:
    ///   - x: `[B, T, width]`.
    ///   - lengths: how many frames of each row count; nil for all.
    ///   - isCausal: whether a frame sees no later one.
    ///   - context: how the model is run; dropout takes weights of frames.
    /// - Returns: a tensor of the same shape.
    /// - Throws: ``TensorError``.
    public func callAsFunction(
        _ x: Tensor,
        lengths: [Int]?,
        isCausal: Bool = false,
        _ context: ForwardContext
    ) throws(TensorError) -> Tensor {
        let (query, key, value) = try projected(x)
        return try attended(
            query,
            key,
            value,
            lengths: lengths,
            isCausal: isCausal,
            dropout: context.takeDropoutKey()
        )
    }
}

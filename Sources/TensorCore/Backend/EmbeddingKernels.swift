/// Rows of a table by their numbers.
public protocol EmbeddingKernels {
    /// `result[i] = table[ids[i]]`; all ids are rows of the table.
    func gather(_ table: Tensor, _ ids: [Int32], into result: Tensor) throws(TensorError)
    /// `table[ids[i]] += rows[i]`, in order; rows whose id is `padding` are left out.
    func scatterAdd(_ rows: Tensor, _ ids: [Int32], padding: Int32?, into table: Tensor) throws(TensorError)
}

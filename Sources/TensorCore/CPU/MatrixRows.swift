import CTensorKernels

/// Rows of numbers somewhere in memory, or the columns of a matrix that lies so: an operand of a product on one thread.
///
/// Made within a task, from tensors that outlive it: loops over rows then touch no reference counts, on whose cache lines
/// threads would wait for each other.
@safe struct MatrixRows {
    /// The first row.
    let start: UnsafeMutablePointer<Float>
    /// How far apart rows are.
    let stride: Int
    /// Whether a product takes them as columns.
    var isTransposed = false

    init(_ start: UnsafeMutablePointer<Float>, stride: Int) {
        unsafe self.start = start
        self.stride = stride
    }

    /// The features of a head from a position on, of `[B, T, H, D]`.
    init(_ tensor: Tensor, _ place: AttentionPlace, _ position: Int = 0) {
        let steps = tensor.layout.strides
        unsafe self.init(
            tensor.pointer + place.batch * steps[0] + position * steps[1] + place.head * steps[2],
            stride: steps[1]
        )
    }

    /// A row.
    subscript(row: Int) -> UnsafeMutablePointer<Float> { unsafe start + row * stride }

    /// The rows from one on.
    func dropFirst(_ count: Int) -> MatrixRows { unsafe MatrixRows(self[count], stride: stride) }

    /// The same as columns.
    var transposed: MatrixRows {
        var copy = self
        copy.isTransposed.toggle()
        return copy
    }

    /// `result = scale · left · right + keep · result` on this thread, for `(rows, columns, depth)`.
    static func multiply(
        _ size: (Int, Int, Int),
        scale: Float = 1,
        _ left: MatrixRows,
        _ right: MatrixRows,
        keep: Float,
        _ result: MatrixRows
    ) {
        guard size.0 > 0, size.1 > 0 else { return }
        unsafe tk_sgemm(
            left.isTransposed ? 1 : 0,
            right.isTransposed ? 1 : 0,
            Int32(size.0),
            Int32(size.1),
            Int32(size.2),
            scale,
            left.start,
            Int32(max(left.stride, 1)),
            right.start,
            Int32(max(right.stride, 1)),
            keep,
            result.start,
            Int32(max(result.stride, 1))
        )
    }
}

import CTensorKernels

extension CPUBackend {
    /// Normalises rows, each while it is in the cache.
    public func normalizeRows(
        _ x: Tensor,
        _ weight: Tensor,
        _ bias: Tensor,
        epsilon: Float,
        activation: Activation,
        mean: Tensor,
        inverse: Tensor,
        into result: Tensor
    ) throws(TensorError) {
        let columns = x.shape.last
        guard result.elementCount > 0 else { return }
        ThreadPool.ranges(x.shape.rowCount, grain: max(1, Self.grain / 4 / columns)) { rows in
            let start = rows.lowerBound
            unsafe tk_layer_norm(
                x.pointer + start * columns,
                weight.pointer,
                bias.pointer,
                epsilon,
                activation.rawValue,
                mean.pointer + start,
                inverse.pointer + start,
                result.pointer + start * columns,
                rows.count,
                columns
            )
        }
    }

    /// The derivatives of normalised rows.
    ///
    /// Those for weight and bias are added up in parts whose number follows from
    /// that of the rows, so that the sum does not depend on the threads.
    public func normalizeRowsDerivative(
        _ saved: NormalizationState,
        upstream: Tensor,
        input: Tensor?,
        weight: Tensor,
        bias: Tensor
    ) throws(TensorError) {
        let (rows, columns) = (saved.x.shape.rowCount, saved.x.shape.last)
        let parts = max(1, min(32, rows / 32))
        let sums = try Tensor.zeros([2, parts, columns], on: self)
        if saved.x.elementCount > 0 {
            ThreadPool.run(parts) { part in
                let start = rows * part / parts
                unsafe tk_layer_norm_backward(
                    saved.x.pointer + start * columns,
                    upstream.pointer + start * columns,
                    saved.weight.pointer,
                    saved.bias.pointer,
                    saved.mean.pointer + start,
                    saved.inverse.pointer + start,
                    saved.activation.rawValue,
                    input.map { unsafe $0.pointer + start * columns },
                    sums.pointer + part * columns,
                    sums.pointer + (parts + part) * columns,
                    rows * (part + 1) / parts - start,
                    columns
                )
            }
        }
        unsafe Self.addRows(sums.pointer, parts, columns, into: weight)
        unsafe Self.addRows(sums.pointer + parts * columns, parts, columns, into: bias)
    }

    private static func addRows(
        _ parts: UnsafePointer<Float>,
        _ count: Int,
        _ columns: Int,
        into result: Tensor
    ) {
        unsafe result.pointer.update(repeating: 0, count: columns)
        unsafe tk_add_column_sums(parts, columns, result.pointer, count, columns)
    }
}

import CTensorKernels

extension CPUBackend {
    /// Gates rows.
    public func gate(_ x: Tensor, into result: Tensor) throws(TensorError) {
        let columns = result.shape.last
        ThreadPool.ranges(result.shape.rowCount, grain: Self.grain / 4 / max(1, columns)) { rows in
            unsafe tk_gate(
                x.pointer + 2 * rows.lowerBound * columns,
                result.pointer + rows.lowerBound * columns,
                rows.count,
                columns
            )
        }
    }

    /// The derivative of gated rows.
    public func gateDerivative(
        _ x: Tensor,
        upstream: Tensor,
        into derivative: Tensor
    ) throws(TensorError) {
        let columns = upstream.shape.last
        ThreadPool.ranges(upstream.shape.rowCount, grain: Self.grain / 4 / max(1, columns)) { rows in
            unsafe tk_gate_backward(
                x.pointer + 2 * rows.lowerBound * columns,
                upstream.pointer + rows.lowerBound * columns,
                derivative.pointer + 2 * rows.lowerBound * columns,
                rows.count,
                columns
            )
        }
    }

    /// Gates one tensor by another.
    public func gateSilu(_ x: Tensor, by other: Tensor, into result: Tensor) throws(TensorError) {
        ThreadPool.ranges(result.elementCount, grain: Self.grain / 4) { range in
            unsafe tk_silu_gate(
                x.pointer + range.lowerBound,
                other.pointer + range.lowerBound,
                result.pointer + range.lowerBound,
                range.count
            )
        }
    }

    /// The derivatives of both.
    public func gateSiluDerivative(
        _ x: Tensor,
        by other: Tensor,
        upstream: Tensor,
        into derivative: Tensor?,
        other otherDerivative: Tensor?
    ) throws(TensorError) {
        ThreadPool.ranges(upstream.elementCount, grain: Self.grain / 4) { range in
            let start = range.lowerBound
            unsafe tk_silu_gate_backward(
                x.pointer + start,
                other.pointer + start,
                upstream.pointer + start,
                derivative.map { unsafe $0.pointer + start },
                otherDerivative.map { unsafe $0.pointer + start },
                range.count
            )
        }
    }

    /// Copies what is valid.
    public func maskFrames(_ x: Tensor, lengths: [Int], into result: Tensor) throws(TensorError) {
        let width = x.shape.dimensions.dropFirst(2).reduce(1, *)
        let frames = x.shape[1]
        let grain = max(1, Self.grain / max(1, width))
        ThreadPool.ranges(lengths.count * frames, grain: grain) { rows in
            var row = rows.lowerBound
            while row < rows.upperBound {
                let sequence = row / frames
                let end = min(rows.upperBound, (sequence + 1) * frames)
                let valid = min(end, max(row, sequence * frames + lengths[sequence]))
                unsafe (result.pointer + row * width).update(
                    from: x.pointer + row * width,
                    count: (valid - row) * width
                )
                unsafe (result.pointer + valid * width).update(repeating: 0, count: (end - valid) * width)
                row = end
            }
        }
    }
}

import CTensorKernels

extension CPUBackend {
    /// Row by row.
    public func softmax(_ x: Tensor, isLogarithm: Bool, into result: Tensor) throws(TensorError) {
        let length = x.shape.last
        ThreadPool.ranges(x.shape.rowCount, grain: max(1, Self.grain / max(1, length))) { rows in
            for row in rows {
                let input = unsafe x.pointer + row * length
                let output = unsafe result.pointer + row * length
                if isLogarithm {
                    unsafe tk_log_softmax_row(input, output, length)
                } else {
                    unsafe _ = tk_softmax_row(input, output, length)
                }
            }
        }
    }

    /// Row by row.
    public func softmaxDerivative(
        _ result: Tensor,
        isLogarithm: Bool,
        upstream: Tensor,
        into derivative: Tensor
    ) throws(TensorError) {
        let length = result.shape.last
        ThreadPool.ranges(result.shape.rowCount, grain: max(1, Self.grain / max(1, length))) { rows in
            for row in rows {
                let value = unsafe result.pointer + row * length
                let above = unsafe upstream.pointer + row * length
                let output = unsafe derivative.pointer + row * length
                if isLogarithm {
                    unsafe tk_log_softmax_derivative(value, above, output, length)
                } else {
                    unsafe output.update(from: above, count: length)
                    unsafe tk_softmax_derivative(value, output, length, tk_dot(value, above, length))
                }
            }
        }
    }

    /// Position by position.
    public func rotate(
        _ x: Tensor,
        cosines: Tensor,
        sines: Tensor,
        sign: Float,
        into result: Tensor
    ) throws(TensorError) {
        let (length, heads, width) = (x.shape[1], x.shape[2], x.shape[3])
        let steps = x.layout.strides
        let grain = max(1, Self.grain / max(1, heads * width))
        ThreadPool.ranges(x.shape[0] * length, grain: grain) { rows in
            for row in rows {
                let (batch, position) = (row / length, row % length)
                for head in 0..<heads {
                    unsafe tk_rotate_row(
                        x.pointer + batch * steps[0] + position * steps[1] + head * steps[2],
                        result.pointer + (row * heads + head) * width,
                        cosines.pointer + position * width / 2,
                        sines.pointer + position * width / 2,
                        width / 2,
                        sign
                    )
                }
            }
        }
    }
}

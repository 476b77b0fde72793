import CTensorKernels

extension CPUBackend {
    /// Row by row.
    public func gather(_ table: Tensor, _ ids: [Int32], into result: Tensor) throws(TensorError) {
        let width = table.shape.last
        ThreadPool.ranges(ids.count, grain: max(1, Self.grain / max(1, width))) { rows in
            for row in rows {
                let source = unsafe table.pointer + Int(ids[row]) * width
                unsafe (result.pointer + row * width).update(from: source, count: width)
            }
        }
    }

    /// Threads share the columns, so that every sum has its order.
    public func scatterAdd(
        _ rows: Tensor,
        _ ids: [Int32],
        padding: Int32?,
        into table: Tensor
    ) throws(TensorError) {
        let width = table.shape.last
        ThreadPool.ranges(width, grain: 64) { columns in
            for (row, id) in ids.enumerated() where id != padding {
                unsafe tk_add_scaled(
                    rows.pointer + row * width + columns.lowerBound,
                    table.pointer + Int(id) * width + columns.lowerBound,
                    columns.count,
                    1
                )
            }
        }
    }

    /// Word `i` of the key's stream decides on element `i`.
    public func dropout(_ x: Tensor, _ key: DropoutKey, into result: Tensor) throws(TensorError) {
        let threshold = UInt32(clamping: Int64((Double(key.probability) * 0x1p32).rounded()))
        let scale = key.probability < 1 ? 1 / (1 - key.probability) : 0
        let blocks = (x.elementCount + 63) / 64
        ThreadPool.ranges(blocks, grain: max(1, Self.grain / 64)) { range in
            let start = range.lowerBound * 64
            unsafe tk_dropout(
                x.pointer + start,
                result.pointer + start,
                start,
                min(x.elementCount, range.upperBound * 64) - start,
                key.seed,
                key.stream,
                threshold,
                scale
            )
        }
    }

    /// One pass over all memory.
    public func adamW(
        _ step: AdamWStep,
        gradient: Tensor,
        value: Tensor,
        first: Tensor,
        second: Tensor
    ) throws(TensorError) {
        ThreadPool.ranges(value.elementCount, grain: Self.grain) { range in
            let start = range.lowerBound
            unsafe tk_adamw(
                value.pointer + start,
                gradient.pointer + start,
                first.pointer + start,
                second.pointer + start,
                range.count,
                step.gradientScale,
                step.beta1,
                step.beta2,
                step.epsilon,
                step.rate,
                step.root,
                step.keep
            )
        }
    }
}

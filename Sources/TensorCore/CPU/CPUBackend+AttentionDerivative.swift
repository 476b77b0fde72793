import CTensorKernels

extension CPUBackend {
    /// The derivative, by tiles of queries and blocks of keys; one task for each head, so that every sum has its order.
    public func attendDerivative(
        _ problem: AttentionProblem,
        result: Tensor,
        logSums: Tensor,
        upstream: Tensor,
        into derivatives: AttentionDerivatives
    ) throws(TensorError) {
        try MatrixLibrary.require()
        let plan = AttentionPlan(problem, scoresPerPair: 2)
        let targets = try cleared(derivatives, problem, plan)
        // With one derivative of the bias for all rows of the batch, one task goes through them, one after another.
        let isBiasSplit = (targets.bias?.rank ?? 0) > (derivatives.bias?.rank ?? 0)
        let rowsTogether = targets.bias == nil || isBiasSplit ? 1 : max(1, plan.batch)
        let count = plan.batch / rowsTogether * plan.heads
        let scratch = try ScratchSlots(
            plan.tileLength * (2 * plan.blockLength + 1) + plan.blockLength,
            taskCount: plan.isSmall ? 1 : count,
            on: self
        )
        let body: @Sendable (Int) -> Void = { task in
            unsafe scratch.use { memory in
                for member in 0..<rowsTogether {
                    let batch = task / plan.heads * rowsTogether + member
                    let place = AttentionPlace(batch: batch, head: task % plan.heads)
                    for index in 0..<plan.tileCount {
                        let queries = plan.queries(index)
                        guard !queries.isEmpty else { continue }
                        let pass = unsafe AttentionDerivativePass(
                            tile: AttentionTile(problem, plan, place, queries),
                            blockLength: plan.blockLength,
                            result: MatrixRows(result, place, queries.lowerBound),
                            upstream: MatrixRows(upstream, place, queries.lowerBound),
                            logSums: logSums.pointer,
                            query: MatrixRows(targets.query, place, queries.lowerBound),
                            key: MatrixRows(targets.key, place),
                            value: MatrixRows(targets.value, place),
                            bias: targets.bias.map {
                                unsafe $0.pointer + (isBiasSplit ? batch * $0.layout.strides[0] : 0)
                            },
                            gate: targets.gate.map { unsafe $0.pointer }
                        )
                        unsafe pass.run(memory)
                    }
                }
            }
        }
        if plan.isSmall { (0..<count).forEach(body) } else { ThreadPool.run(count, body) }
        if isBiasSplit { try addParts(of: targets.bias, into: derivatives.bias) }
    }

    /// Where tiles write, at zero where they add.
    ///
    /// A relative bias is small enough to give each row of the batch a derivative of its own, which are added in order
    /// in the end.
    private func cleared(
        _ derivatives: AttentionDerivatives,
        _ problem: AttentionProblem,
        _ plan: AttentionPlan
    ) throws(TensorError) -> AttentionDerivatives {
        var targets = derivatives
        try fill(targets.key, 0)
        try fill(targets.value, 0)
        if let gate = targets.gate { try fill(gate, 0) }
        guard let bias = targets.bias else { return targets }
        if case .relative = problem.bias, plan.batch > 1 {
            targets.bias = try Tensor.zeros(Shape([plan.batch] + bias.shape.dimensions), on: self)
        } else {
            try fill(bias, 0)
        }
        return targets
    }

    /// The sum over the batch.
    ///
    /// Not inlined: the optimiser of Swift 6.3.1 stops with an "ownership error" where it is.
    @inline(never)
    private func addParts(of parts: Tensor?, into bias: Tensor?) throws(TensorError) {
        guard let parts, let bias else { return }
        try sum(parts, outer: 1, axis: parts.shape[0], inner: bias.elementCount, into: bias)
    }
}

/// The derivative through one tile of queries, which adds to those of all keys and values it saw.
@safe private struct AttentionDerivativePass {
    let tile: AttentionTile
    let blockLength: Int
    let result: MatrixRows
    let upstream: MatrixRows
    let logSums: UnsafeMutablePointer<Float>
    let query: MatrixRows
    let key: MatrixRows
    let value: MatrixRows
    let bias: UnsafeMutablePointer<Float>?
    let gate: UnsafeMutablePointer<Float>?

    /// - Parameter memory: a number for each query, one for each key of a block, and two for each pair.
    func run(_ memory: UnsafeMutablePointer<Float>) {
        let (rowCount, width, limit) = (tile.rowCount, tile.width, tile.limit)
        let deltas = unsafe memory
        let factors = unsafe deltas + rowCount
        for row in 0..<rowCount {
            unsafe deltas[row] = tk_dot(upstream[row], result[row], width)
            if limit == 0 { unsafe query[row].update(repeating: 0, count: width) }
        }
        for start in stride(from: 0, to: limit, by: blockLength) {
            let keys = start..<min(limit, start + blockLength)
            let weights = unsafe MatrixRows(factors + blockLength, stride: keys.count)
            let slopes = weights.dropFirst(rowCount)
            tile.multiplyScores(keys, weights)
            MatrixRows.multiply(
                (rowCount, keys.count, width),
                upstream,
                tile.value.dropFirst(start).transposed,
                keep: 0,
                slopes
            )
            for row in 0..<rowCount {
                unsafe finish(row, keys, weights[row], slopes[row], factors, deltas[row])
            }
            multiply(keys, weights, slopes)
        }
    }

    /// A row of scores and of the weights' derivative becomes weights and the scores' derivative.
    private func finish(
        _ row: Int,
        _ keys: Range<Int>,
        _ weights: UnsafeMutablePointer<Float>,
        _ slopes: UnsafeMutablePointer<Float>,
        _ factors: UnsafeMutablePointer<Float>,
        _ delta: Float
    ) {
        let number = tile.firstNumber + row
        let seen = tile.seen(row, keys)
        unsafe tk_attention_derivative(
            weights,
            slopes,
            seen,
            tile.bias(row, keys.lowerBound),
            tile.gate(row),
            tile.factors(row, keys, factors),
            logSums[number],
            delta
        )
        unsafe (weights + seen).update(repeating: 0, count: keys.count - seen)
        unsafe (slopes + seen).update(repeating: 0, count: keys.count - seen)
        if let bias = unsafe bias {
            let place = unsafe bias + tile.biasStart + row * tile.biasStep + keys.lowerBound
            unsafe tk_add_scaled(slopes, place, seen, tile.gate(row))
        }
        if let gate = unsafe gate, let values = unsafe tile.bias(row, keys.lowerBound) {
            unsafe gate[number] += tk_dot(slopes, values, seen)
        }
    }

    /// From the scores' derivative to those of queries, keys and values.
    private func multiply(_ keys: Range<Int>, _ weights: MatrixRows, _ slopes: MatrixRows) {
        let (rowCount, width, start) = (tile.rowCount, tile.width, keys.lowerBound)
        MatrixRows.multiply(
            (keys.count, width, rowCount),
            weights.transposed,
            upstream,
            keep: 1,
            value.dropFirst(start)
        )
        MatrixRows.multiply(
            (rowCount, width, keys.count),
            scale: tile.scale,
            slopes,
            tile.key.dropFirst(start),
            keep: start > 0 ? 1 : 0,
            query
        )
        MatrixRows.multiply(
            (keys.count, width, rowCount),
            scale: tile.scale,
            slopes.transposed,
            tile.query,
            keep: 1,
            key.dropFirst(start)
        )
    }
}

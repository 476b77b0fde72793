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
        let plan = AttentionPlan(problem, scoresPerPair: 2)
        let targets = try cleared(derivatives, problem, plan)
        let pass = AttentionDerivativePass(
            problem: problem,
            plan: plan,
            result: result,
            logSums: logSums,
            upstream: upstream,
            targets: targets
        )
        let rowsTogether = pass.rowsTogether
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
                    for tile in 0..<plan.tileCount { unsafe pass.run(place, plan.queries(tile), memory) }
                }
            }
        }
        if plan.isSmall { (0..<count).forEach(body) } else { ThreadPool.run(count, body) }
        if pass.isBiasSplit { try addParts(of: targets.bias, into: derivatives.bias) }
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

/// What all tiles of one derivative share.
private struct AttentionDerivativePass: Sendable {
    let problem: AttentionProblem
    let plan: AttentionPlan
    let result: Tensor
    let logSums: Tensor
    let upstream: Tensor
    let targets: AttentionDerivatives

    /// Whether each row of the batch has a derivative of the bias of its own: `[B, H, 2·T - 1]`.
    var isBiasSplit: Bool {
        guard let kind = problem.bias, let target = targets.bias else { return false }
        return target.rank > kind.values.rank
    }

    /// How many rows of the batch one task goes through, one after another, because they share the derivative of the
    /// bias, and nothing else.
    var rowsTogether: Int { targets.bias == nil || isBiasSplit ? 1 : max(1, plan.batch) }

    /// One tile of queries; adds to the derivatives of all keys and values it saw.
    func run(_ place: AttentionPlace, _ queries: Range<Int>, _ memory: UnsafeMutablePointer<Float>) {
        guard !queries.isEmpty else { return }
        let deltas = unsafe memory
        let factors = unsafe deltas + plan.tileLength
        let weights = unsafe factors + plan.blockLength
        let slopes = unsafe weights + plan.tileLength * plan.blockLength
        let limit = plan.keyLimit(place, through: queries.upperBound - 1)
        for (row, query) in queries.enumerated() {
            unsafe deltas[row] = tk_dot(
                upstream.features(place, query),
                result.features(place, query),
                plan.width
            )
            guard limit == 0 else { continue }
            unsafe targets.query.features(place, query).update(repeating: 0, count: plan.width)
        }
        for start in stride(from: 0, to: limit, by: plan.blockLength) {
            let block = AttentionBlock(
                problem: problem,
                plan: plan,
                place: place,
                queries: queries,
                keys: start..<min(limit, start + plan.blockLength)
            )
            unsafe block.scores(weights)
            unsafe AttentionBlock.product(
                (queries.count, block.keys.count, plan.width),
                scale: 1,
                .init(upstream, place, queries.lowerBound),
                .init(problem.value, place, start, isTransposed: true),
                keep: 0,
                .init(slopes, block.keys.count)
            )
            for (row, query) in queries.enumerated() {
                let offset = row * block.keys.count
                unsafe finish(block, query, weights + offset, slopes + offset, factors, deltas[row])
            }
            unsafe multiply(block, weights, slopes)
        }
    }

    /// A row of scores and of the weights' derivative becomes weights and the scores' derivative.
    private func finish(
        _ block: AttentionBlock,
        _ query: Int,
        _ weights: UnsafeMutablePointer<Float>,
        _ slopes: UnsafeMutablePointer<Float>,
        _ factors: UnsafeMutablePointer<Float>,
        _ delta: Float
    ) {
        let number = plan.number(block.place, query)
        let seen = block.seen(query)
        let (bias, gate) = unsafe block.bias(query)
        unsafe tk_attention_derivative(
            weights,
            slopes,
            seen,
            bias,
            gate,
            block.factors(query, factors),
            logSums.pointer[number],
            delta
        )
        unsafe (weights + seen).update(repeating: 0, count: block.keys.count - seen)
        unsafe (slopes + seen).update(repeating: 0, count: block.keys.count - seen)
        guard let kind = problem.bias, let bias = unsafe bias else { return }
        if let target = targets.bias {
            let part = isBiasSplit ? block.place.batch * kind.values.elementCount : 0
            let start = unsafe target.pointer + part + block.biasStart(kind, query)
            unsafe tk_add_scaled(slopes, start, seen, gate)
        }
        if let target = targets.gate { unsafe target.pointer[number] += tk_dot(slopes, bias, seen) }
    }

    /// From the scores' derivative to those of queries, keys and values.
    private func multiply(
        _ block: AttentionBlock,
        _ weights: UnsafeMutablePointer<Float>,
        _ slopes: UnsafeMutablePointer<Float>
    ) {
        let (place, first, start) = (block.place, block.queries.lowerBound, block.keys.lowerBound)
        let (rows, columns) = (block.queries.count, block.keys.count)
        unsafe AttentionBlock.product(
            (columns, plan.width, rows),
            scale: 1,
            .init(weights, columns, isTransposed: true),
            .init(upstream, place, first),
            keep: 1,
            .init(targets.value, place, start)
        )
        unsafe AttentionBlock.product(
            (rows, plan.width, columns),
            scale: problem.scale,
            .init(slopes, columns),
            .init(problem.key, place, start),
            keep: start > 0 ? 1 : 0,
            .init(targets.query, place, first)
        )
        unsafe AttentionBlock.product(
            (columns, plan.width, rows),
            scale: problem.scale,
            .init(slopes, columns, isTransposed: true),
            .init(problem.query, place, first),
            keep: 1,
            .init(targets.key, place, start)
        )
    }
}

import CTensorKernels
import Glibc

extension CPUBackend {
    /// Attention, by tiles of queries and blocks of keys.
    ///
    /// Source: Dao et al., "FlashAttention", 2022: what is kept for the derivative is one number a row.
    public func attend(_ problem: AttentionProblem, into result: Tensor, logSums: Tensor) throws(TensorError)
    {
        let plan = AttentionPlan(problem, scoresPerPair: 1)
        let count = plan.batch * plan.heads * plan.tileCount
        let scratch = try ScratchSlots(
            plan.tileLength * (plan.blockLength + 2) + plan.blockLength,
            taskCount: plan.isSmall ? 1 : count,
            on: self
        )
        let body: @Sendable (Int) -> Void = { task in
            let head = task / plan.tileCount
            unsafe scratch.use { memory in
                unsafe Self.attend(
                    problem,
                    plan,
                    AttentionPlace(batch: head / plan.heads, head: head % plan.heads),
                    plan.queries(task % plan.tileCount),
                    result,
                    logSums,
                    memory
                )
            }
        }
        if plan.isSmall { (0..<count).forEach(body) } else { ThreadPool.run(count, body) }
    }

    /// One tile of queries.
    private static func attend(
        _ problem: AttentionProblem,
        _ plan: AttentionPlan,
        _ place: AttentionPlace,
        _ queries: Range<Int>,
        _ result: Tensor,
        _ logSums: Tensor,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        guard !queries.isEmpty else { return }
        let largest = unsafe memory
        let sums = unsafe largest + plan.tileLength
        let factors = unsafe sums + plan.tileLength
        let weights = unsafe factors + plan.blockLength
        unsafe largest.update(repeating: -.infinity, count: queries.count)
        unsafe sums.update(repeating: 0, count: queries.count)
        let limit = plan.keyLimit(place, through: queries.upperBound - 1)
        for start in stride(from: 0, to: limit, by: plan.blockLength) {
            let block = AttentionBlock(
                problem: problem,
                plan: plan,
                place: place,
                queries: queries,
                keys: start..<min(limit, start + plan.blockLength)
            )
            unsafe block.scores(weights)
            for (row, query) in queries.enumerated() {
                let line = unsafe weights + row * block.keys.count
                let seen = block.seen(query)
                let (bias, gate) = unsafe block.bias(query)
                let change = unsafe tk_attention_weights(
                    line,
                    seen,
                    bias,
                    gate,
                    block.factors(query, factors),
                    largest + row,
                    sums + row
                )
                unsafe (line + seen).update(repeating: 0, count: block.keys.count - seen)
                guard start > 0, change != 1 else { continue }
                let output = unsafe result.features(place, query)
                unsafe tk_affine(output, output, plan.width, change, 0)
            }
            unsafe AttentionBlock.product(
                (queries.count, plan.width, block.keys.count),
                scale: 1,
                .init(weights, block.keys.count),
                .init(problem.value, place, start),
                keep: start > 0 ? 1 : 0,
                .init(result, place, queries.lowerBound)
            )
        }
        for (row, query) in queries.enumerated() {
            let output = unsafe result.features(place, query)
            let sum = unsafe sums[row]
            if sum == 0 {
                unsafe output.update(repeating: 0, count: plan.width)
            } else {
                unsafe tk_affine(output, output, plan.width, 1 / sum, 0)
            }
            // Infinite for a query that sees nothing: e^(score - infinity) is its weight again.
            unsafe logSums.pointer[plan.number(place, query)] =
                sum == 0 ? .infinity : largest[row] + log(sum)
        }
    }
}

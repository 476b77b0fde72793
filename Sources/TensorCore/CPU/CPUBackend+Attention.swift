import CTensorKernels
import Glibc

extension CPUBackend {
    /// Attention, by tiles of queries and blocks of keys.
    ///
    /// Source: Dao et al., "FlashAttention", 2022: what is kept for the derivative is one number a row.
    public func attend(_ problem: AttentionProblem, into result: Tensor, logSums: Tensor) throws(TensorError)
    {
        try MatrixLibrary.require()
        let plan = AttentionPlan(problem, scoresPerPair: 1)
        let count = plan.batch * plan.heads * plan.tileCount
        let scratch = try ScratchSlots(
            plan.tileLength * (plan.blockLength + 2) + plan.blockLength,
            taskCount: plan.isSmall ? 1 : count,
            on: self
        )
        let body: @Sendable (Int) -> Void = { task in
            let head = task / plan.tileCount
            let place = AttentionPlace(batch: head / plan.heads, head: head % plan.heads)
            let queries = plan.queries(task % plan.tileCount)
            guard !queries.isEmpty else { return }
            let tile = AttentionTile(problem, plan, place, queries)
            unsafe scratch.use { memory in
                unsafe Self.attend(
                    tile,
                    plan,
                    MatrixRows(result, place, queries.lowerBound),
                    logSums.pointer + tile.firstNumber,
                    memory
                )
            }
        }
        if plan.isSmall { (0..<count).forEach(body) } else { ThreadPool.run(count, body) }
    }

    private static func attend(
        _ tile: AttentionTile,
        _ plan: AttentionPlan,
        _ result: MatrixRows,
        _ logSums: UnsafeMutablePointer<Float>,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        let (rowCount, width, limit) = (tile.rowCount, tile.width, tile.limit)
        let largest = unsafe memory
        let sums = unsafe largest + plan.tileLength
        let factors = unsafe sums + plan.tileLength
        unsafe largest.update(repeating: -.infinity, count: rowCount)
        unsafe sums.update(repeating: 0, count: rowCount)
        for start in stride(from: 0, to: limit, by: plan.blockLength) {
            let keys = start..<min(limit, start + plan.blockLength)
            let weights = unsafe MatrixRows(factors + plan.blockLength, stride: keys.count)
            tile.multiplyScores(keys, weights)
            for row in 0..<rowCount {
                let line = unsafe weights[row]
                let seen = tile.seen(row, keys)
                let change = unsafe tk_attention_weights(
                    line,
                    seen,
                    tile.bias(row, start),
                    tile.gate(row),
                    tile.factors(row, keys, factors),
                    largest + row,
                    sums + row
                )
                unsafe (line + seen).update(repeating: 0, count: keys.count - seen)
                if start > 0, change != 1 { unsafe tk_affine(result[row], result[row], width, change, 0) }
            }
            MatrixRows.multiply(
                (rowCount, width, keys.count),
                weights,
                tile.value.dropFirst(start),
                keep: start > 0 ? 1 : 0,
                result
            )
        }
        for row in 0..<rowCount {
            let sum = unsafe sums[row]
            if sum == 0 {
                unsafe result[row].update(repeating: 0, count: width)
            } else {
                unsafe tk_affine(result[row], result[row], width, 1 / sum, 0)
            }
            // Infinite for a query that sees nothing: e^(score - infinity) is its weight again.
            unsafe logSums[row] = sum == 0 ? .infinity : largest[row] + log(sum)
        }
    }
}

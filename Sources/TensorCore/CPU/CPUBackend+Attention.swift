import COpenBLAS
import CTensorKernels

extension CPUBackend {
    /// How many queries are worked on at once: their scores stay in the cache.
    private static let tileLength = 64

    /// Attention, by tiles of queries.
    ///
    /// Source: Dao et al., "FlashAttention", 2022: what is kept for the derivative is one number a row.
    public func attend(_ problem: AttentionProblem, into result: Tensor, logSums: Tensor) throws(TensorError)
    {
        let sizes = AttentionSizes(problem)
        let tiles = (sizes.queryCount + Self.tileLength - 1) / Self.tileLength
        let scratchLength = Self.tileLength * sizes.keyCount
        let count = sizes.batch * sizes.heads * tiles
        let scratch = try Tensor.undefined([max(1, count), scratchLength], on: self)
        ThreadPool.run(count) { task in
            let place = AttentionPlace(batch: task / tiles / sizes.heads, head: task / tiles % sizes.heads)
            let start = task % tiles * Self.tileLength
            let queries = start..<min(sizes.queryCount, start + Self.tileLength)
            let weights = unsafe scratch.pointer + task * scratchLength
            let keys = sizes.keyLimit(problem, place, through: queries.upperBound - 1)
            unsafe Self.scores(problem, sizes, place, queries, keys, weights)
            for (row, query) in queries.enumerated() {
                let line = unsafe weights + row * keys
                let seen = sizes.keyLimit(problem, place, through: query)
                unsafe logSums.pointer[(place.batch * sizes.heads + place.head) * sizes.queryCount + query] =
                    tk_softmax_row(line, seen)
                unsafe (line + seen).update(repeating: 0, count: keys - seen)
            }
            unsafe Self.product(
                queries.count,
                sizes.width,
                keys,
                1,
                weights,
                keys,
                false,
                problem.value.pointer(place, 0),
                problem.value.layout.strides[1],
                false,
                0,
                result.pointer(place, queries.lowerBound),
                result.layout.strides[1]
            )
        }
    }

    /// The derivative, by tiles of queries; one task for each head, so that every sum has its order.
    public func attendDerivative(
        _ problem: AttentionProblem,
        result: Tensor,
        logSums: Tensor,
        upstream: Tensor,
        into derivatives: AttentionDerivatives
    ) throws(TensorError) {
        let sizes = AttentionSizes(problem)
        for tensor in [derivatives.query, derivatives.key, derivatives.value] { try fill(tensor, 0) }
        if let bias = derivatives.bias { try fill(bias, 0) }
        if let gate = derivatives.gate { try fill(gate, 0) }
        // Rows of the batch share the derivative of the bias, and nothing else.
        let together = derivatives.bias == nil ? 1 : sizes.batch
        let groups = sizes.batch / max(1, together)
        let scratchLength = 2 * Self.tileLength * sizes.keyCount
        let count = groups * sizes.heads
        let scratch = try Tensor.undefined([max(1, count), scratchLength], on: self)
        ThreadPool.run(count) { task in
            let weights = unsafe scratch.pointer + task * scratchLength
            let inner = unsafe weights + Self.tileLength * sizes.keyCount
            for member in 0..<together {
                let batch = task / sizes.heads * together + member
                let place = AttentionPlace(batch: batch, head: task % sizes.heads)
                for start in stride(from: 0, to: sizes.queryCount, by: Self.tileLength) {
                    let queries = start..<min(sizes.queryCount, start + Self.tileLength)
                    unsafe Self.tileDerivative(
                        problem,
                        sizes,
                        place,
                        queries,
                        weights,
                        inner,
                        result,
                        logSums,
                        upstream,
                        derivatives
                    )
                }
            }
        }
    }

    private static func tileDerivative(
        _ problem: AttentionProblem,
        _ sizes: AttentionSizes,
        _ place: AttentionPlace,
        _ queries: Range<Int>,
        _ weights: UnsafeMutablePointer<Float>,
        _ inner: UnsafeMutablePointer<Float>,
        _ result: Tensor,
        _ logSums: Tensor,
        _ upstream: Tensor,
        _ derivatives: AttentionDerivatives
    ) {
        let keys = sizes.keyLimit(problem, place, through: queries.upperBound - 1)
        guard keys > 0 else { return }
        let first = queries.lowerBound
        unsafe scores(problem, sizes, place, queries, keys, weights)
        unsafe product(
            queries.count,
            keys,
            sizes.width,
            1,
            upstream.pointer(place, first),
            upstream.layout.strides[1],
            false,
            problem.value.pointer(place, 0),
            problem.value.layout.strides[1],
            true,
            0,
            inner,
            keys
        )
        for (row, query) in queries.enumerated() {
            let line = unsafe weights + row * keys
            let seen = sizes.keyLimit(problem, place, through: query)
            let number = (place.batch * sizes.heads + place.head) * sizes.queryCount + query
            unsafe tk_exp_shifted(line, seen, logSums.pointer[number])
            unsafe (line + seen).update(repeating: 0, count: keys - seen)
            let delta = unsafe tk_dot(
                upstream.pointer(place, query),
                result.pointer(place, query),
                sizes.width
            )
            unsafe tk_softmax_derivative(line, inner + row * keys, keys, delta)
            guard let bias = problem.bias else { continue }
            let begin = bias.rowStart(
                head: place.head,
                query: query,
                queryCount: sizes.queryCount,
                keyCount: sizes.keyCount
            )
            let factor = bias.gate.map { unsafe $0.pointer[number] } ?? 1
            if let target = derivatives.bias {
                unsafe tk_add_scaled(inner + row * keys, target.pointer + begin, seen, factor)
            }
            if let target = derivatives.gate {
                unsafe target.pointer[number] = tk_dot(inner + row * keys, bias.values.pointer + begin, seen)
            }
        }
        unsafe product(
            keys,
            sizes.width,
            queries.count,
            1,
            weights,
            keys,
            true,
            upstream.pointer(place, first),
            upstream.layout.strides[1],
            false,
            1,
            derivatives.value.pointer(place, 0),
            derivatives.value.layout.strides[1]
        )
        unsafe product(
            queries.count,
            sizes.width,
            keys,
            problem.scale,
            inner,
            keys,
            false,
            problem.key.pointer(place, 0),
            problem.key.layout.strides[1],
            false,
            0,
            derivatives.query.pointer(place, first),
            derivatives.query.layout.strides[1]
        )
        unsafe product(
            keys,
            sizes.width,
            queries.count,
            problem.scale,
            inner,
            keys,
            true,
            problem.query.pointer(place, first),
            problem.query.layout.strides[1],
            false,
            1,
            derivatives.key.pointer(place, 0),
            derivatives.key.layout.strides[1]
        )
    }

    /// Scores of a tile, with their bias: `[queries, keys]`.
    private static func scores(
        _ problem: AttentionProblem,
        _ sizes: AttentionSizes,
        _ place: AttentionPlace,
        _ queries: Range<Int>,
        _ keys: Int,
        _ scores: UnsafeMutablePointer<Float>
    ) {
        unsafe product(
            queries.count,
            keys,
            sizes.width,
            problem.scale,
            problem.query.pointer(place, queries.lowerBound),
            problem.query.layout.strides[1],
            false,
            problem.key.pointer(place, 0),
            problem.key.layout.strides[1],
            true,
            0,
            scores,
            keys
        )
        guard let bias = problem.bias else { return }
        for (row, query) in queries.enumerated() {
            let begin = bias.rowStart(
                head: place.head,
                query: query,
                queryCount: sizes.queryCount,
                keyCount: sizes.keyCount
            )
            let number = (place.batch * sizes.heads + place.head) * sizes.queryCount + query
            let factor = bias.gate.map { unsafe $0.pointer[number] } ?? 1
            unsafe tk_add_scaled(bias.values.pointer + begin, scores + row * keys, keys, factor)
        }
    }

    /// `result = scale · left · right + keep · result` on this thread: cblas_sgemm without what never changes.
    private static func product(
        _ rows: Int,
        _ columns: Int,
        _ depth: Int,
        _ scale: Float,
        _ left: UnsafePointer<Float>,
        _ leftStride: Int,
        _ leftIsTransposed: Bool,
        _ right: UnsafePointer<Float>,
        _ rightStride: Int,
        _ rightIsTransposed: Bool,
        _ keep: Float,
        _ result: UnsafeMutablePointer<Float>,
        _ resultStride: Int
    ) {
        guard rows > 0, columns > 0 else { return }
        unsafe cblas_sgemm(
            CblasRowMajor,
            leftIsTransposed ? CblasTrans : CblasNoTrans,
            rightIsTransposed ? CblasTrans : CblasNoTrans,
            Int32(rows),
            Int32(columns),
            Int32(depth),
            scale,
            left,
            Int32(max(leftStride, 1)),
            right,
            Int32(max(rightStride, 1)),
            keep,
            result,
            Int32(max(resultStride, 1))
        )
    }
}

extension Tensor {
    /// The features of a head at a position of `[B, T, H, D]`.
    fileprivate func pointer(_ place: AttentionPlace, _ position: Int) -> UnsafeMutablePointer<Float> {
        let steps = layout.strides
        return unsafe pointer + place.batch * steps[0] + position * steps[1] + place.head * steps[2]
    }
}

import COpenBLAS
import CTensorKernels

/// A tile of queries against a block of keys: the products, and what is added to their scores.
@safe struct AttentionBlock {
    let problem: AttentionProblem
    let plan: AttentionPlan
    let place: AttentionPlace
    let queries: Range<Int>
    let keys: Range<Int>

    /// `scale · q·kᵀ` into `[queries, keys]`.
    func scores(_ scores: UnsafeMutablePointer<Float>) {
        unsafe Self.product(
            (queries.count, keys.count, plan.width),
            scale: problem.scale,
            Operand(problem.query, place, queries.lowerBound),
            Operand(problem.key, place, keys.lowerBound, isTransposed: true),
            keep: 0,
            Operand(scores, keys.count)
        )
    }

    /// How many of the block's keys a query sees.
    func seen(_ query: Int) -> Int {
        min(keys.count, max(0, plan.keyLimit(place, through: query) - keys.lowerBound))
    }

    /// The bias of a query for the block's first key, and its gate.
    func bias(_ query: Int) -> (row: UnsafeMutablePointer<Float>?, gate: Float) {
        guard let bias = problem.bias else { return (nil, 1) }
        let gate = bias.gate.map { unsafe $0.pointer[plan.number(place, query)] } ?? 1
        return unsafe (bias.values.pointer + biasStart(bias, query), gate)
    }

    /// Where the bias of a query for the block's first key lies.
    func biasStart(_ bias: AttentionBias, _ query: Int) -> Int {
        keys.lowerBound
            + bias.rowStart(
                head: place.head,
                query: query,
                queryCount: plan.queryCount,
                keyCount: plan.keyCount
            )
    }

    /// What the weights of a query are multiplied by, written to `memory`, as many as the block has keys; nil without
    /// dropout.
    func factors(_ query: Int, _ memory: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float>? {
        guard let key = problem.dropout else { return nil }
        let length = AttentionPlan.groupLength
        let groups = (plan.keyCount + length - 1) / length
        let threshold = UInt32((key.probability * 65_536).rounded())
        // The share that is really kept, so that the mean stays.
        let kept = 1 - Float(threshold) / 65_536
        unsafe tk_dropout_factors(
            memory,
            UInt64(plan.number(place, query) * groups + keys.lowerBound / length),
            keys.count,
            key.seed,
            key.stream,
            threshold,
            kept > 0 ? 1 / kept : 0
        )
        return unsafe memory
    }

    /// A matrix of a product: where it begins, how far its rows are apart, and whether it is turned over.
    @safe struct Operand {
        let start: UnsafeMutablePointer<Float>
        let rowStride: Int
        let isTransposed: Bool

        init(_ start: UnsafeMutablePointer<Float>, _ rowStride: Int, isTransposed: Bool = false) {
            unsafe self.start = start
            self.rowStride = rowStride
            self.isTransposed = isTransposed
        }

        /// The features of a head from a position on, of `[B, T, H, D]`.
        init(_ tensor: Tensor, _ place: AttentionPlace, _ position: Int, isTransposed: Bool = false) {
            unsafe self.init(
                tensor.features(place, position),
                tensor.layout.strides[1],
                isTransposed: isTransposed
            )
        }
    }

    /// `result = scale · left · right + keep · result` on this thread, for `(rows, columns, depth)`.
    static func product(
        _ size: (Int, Int, Int),
        scale: Float,
        _ left: Operand,
        _ right: Operand,
        keep: Float,
        _ result: Operand
    ) {
        guard size.0 > 0, size.1 > 0 else { return }
        unsafe cblas_sgemm(
            CblasRowMajor,
            left.isTransposed ? CblasTrans : CblasNoTrans,
            right.isTransposed ? CblasTrans : CblasNoTrans,
            Int32(size.0),
            Int32(size.1),
            Int32(size.2),
            scale,
            left.start,
            Int32(max(left.rowStride, 1)),
            right.start,
            Int32(max(right.rowStride, 1)),
            keep,
            result.start,
            Int32(max(result.rowStride, 1))
        )
    }
}

extension Tensor {
    /// The features of a head at a position of `[B, T, H, D]`.
    func features(_ place: AttentionPlace, _ position: Int) -> UnsafeMutablePointer<Float> {
        let steps = layout.strides
        return unsafe pointer + place.batch * steps[0] + position * steps[1] + place.head * steps[2]
    }
}

import CTensorKernels

/// Some queries of one head, and all that their scores are made of.
@safe struct AttentionTile {
    let place: AttentionPlace
    /// How many queries there are.
    let rowCount: Int
    /// How many features they have.
    let width: Int
    /// The number of the first query among all of `[B, H, Tq]`.
    let firstNumber: Int
    let query: MatrixRows
    let key: MatrixRows
    let value: MatrixRows
    let scale: Float
    /// The first query's bias for the first key, in a tensor of biases, and how far the next query's is apart.
    let biasStart: Int
    let biasStep: Int
    private let bias: UnsafeMutablePointer<Float>?
    private let gates: UnsafeMutablePointer<Float>?
    private let dropout: DropoutKey?
    private let groupsPerRow: Int
    private let keyLength: Int
    private let firstLimit: Int

    init(
        _ problem: AttentionProblem,
        _ plan: AttentionPlan,
        _ place: AttentionPlace,
        _ queries: Range<Int>
    ) {
        self.place = place
        let first = queries.lowerBound
        rowCount = queries.count
        width = plan.width
        firstNumber = (place.batch * plan.heads + place.head) * plan.queryCount + first
        query = MatrixRows(problem.query, place, first)
        key = MatrixRows(problem.key, place)
        value = MatrixRows(problem.value, place)
        scale = problem.scale
        switch problem.bias {
        case .full:
            biasStart = (place.head * plan.queryCount + first) * plan.keyCount
            biasStep = plan.keyCount
        case .relative:
            // Entry k - q + T - 1: each query's row begins one entry before the last one's.
            biasStart = place.head * (2 * plan.queryCount - 1) + plan.queryCount - 1 - first
            biasStep = -1
        case nil: (biasStart, biasStep) = (0, 0)
        }
        let number = firstNumber
        unsafe bias = problem.bias.map { unsafe $0.values.pointer }
        unsafe gates = problem.bias?.gate.map { unsafe $0.pointer + number }
        dropout = problem.dropout
        groupsPerRow = (plan.keyCount + AttentionPlan.groupLength - 1) / AttentionPlan.groupLength
        keyLength = min(plan.keyCount, max(0, problem.keyLengths[place.batch]))
        firstLimit = problem.isCausal ? plan.keyCount - plan.queryCount + first + 1 : keyLength
    }

    /// How many keys a query sees.
    func limit(_ row: Int) -> Int { max(0, min(keyLength, firstLimit + row)) }

    /// How many keys any query sees.
    var limit: Int { limit(rowCount - 1) }

    /// How many keys of a block a query sees.
    func seen(_ row: Int, _ keys: Range<Int>) -> Int {
        min(keys.count, max(0, limit(row) - keys.lowerBound))
    }

    /// `scale · q·kᵀ` into `[queries, keys]`.
    func multiplyScores(_ keys: Range<Int>, _ scores: MatrixRows) {
        MatrixRows.multiply(
            (rowCount, keys.count, width),
            scale: scale,
            query,
            key.dropFirst(keys.lowerBound).transposed,
            keep: 0,
            scores
        )
    }

    /// The bias of a query from a key on; nil without one.
    func bias(_ row: Int, _ key: Int) -> UnsafeMutablePointer<Float>? {
        guard let bias = unsafe bias else { return nil }
        return unsafe bias + biasStart + row * biasStep + key
    }

    /// What the bias of a query is multiplied by.
    func gate(_ row: Int) -> Float {
        guard let gates = unsafe gates else { return 1 }
        return unsafe gates[row]
    }

    /// What the weights of a query are multiplied by, written to `memory`, as many as the block has keys; nil without
    /// dropout.
    func factors(
        _ row: Int,
        _ keys: Range<Int>,
        _ memory: UnsafeMutablePointer<Float>
    ) -> UnsafeMutablePointer<Float>? {
        guard let dropout else { return nil }
        let threshold = UInt32((dropout.probability * 65_536).rounded())
        // The share that is really kept, so that the mean stays.
        let kept = 1 - Float(threshold) / 65_536
        unsafe tk_dropout_factors(
            memory,
            UInt64((firstNumber + row) * groupsPerRow + keys.lowerBound / AttentionPlan.groupLength),
            keys.count,
            dropout.seed,
            dropout.stream,
            threshold,
            kept > 0 ? 1 / kept : 0
        )
        return unsafe memory
    }
}

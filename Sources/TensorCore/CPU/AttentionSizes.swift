/// One head of one row of the batch.
struct AttentionPlace: Sendable {
    let batch: Int
    let head: Int
}

/// The dimensions of an attention.
struct AttentionSizes: Sendable {
    let batch: Int
    let heads: Int
    let queryCount: Int
    let keyCount: Int
    let width: Int

    init(_ problem: AttentionProblem) {
        batch = problem.query.shape[0]
        queryCount = problem.query.shape[1]
        heads = problem.query.shape[2]
        width = problem.query.shape[3]
        keyCount = problem.key.shape[1]
    }

    /// How many keys a query sees.
    func keyLimit(_ problem: AttentionProblem, _ place: AttentionPlace, through query: Int) -> Int {
        let length = min(keyCount, max(0, problem.keyLengths[place.batch]))
        return problem.isCausal ? min(length, max(0, keyCount - queryCount + query + 1)) : length
    }
}

/// One head of one row of the batch.
struct AttentionPlace: Sendable {
    let batch: Int
    let head: Int
}

/// How an attention is cut: into tiles of queries, and for each of them into blocks of keys, whose scores stay in the
/// cache.
struct AttentionPlan: Sendable {
    let batch: Int
    let heads: Int
    let queryCount: Int
    let keyCount: Int
    let width: Int
    /// How many queries a tile has.
    let tileLength: Int
    /// How many tiles a head has.
    let tileCount: Int
    /// How many keys a block has.
    let blockLength: Int

    /// Half of a second-level cache of 512 KiB, in scores: what is multiplied with them needs the other half.
    private static let cachedScores = 1 << 16
    private static let longestTile = 128
    /// A half-word of chance for each key: blocks begin where a group of the dropout begins.
    static let groupLength = 128

    /// - Parameters:
    ///   - problem: the tensors.
    ///   - scoresPerPair: how many numbers are in use for every pair of a query and a key.
    init(_ problem: AttentionProblem, scoresPerPair: Int) {
        batch = problem.query.shape[0]
        queryCount = problem.query.shape[1]
        heads = problem.query.shape[2]
        width = problem.query.shape[3]
        keyCount = problem.key.shape[1]
        tileCount = (queryCount + Self.longestTile - 1) / Self.longestTile
        tileLength = Self.even(queryCount, tileCount, step: 16)
        let limit = Self.cachedScores / Self.longestTile / scoresPerPair
        blockLength = Self.even(keyCount, (keyCount + limit - 1) / limit, step: Self.groupLength)
    }

    /// The length of parts that are about equal, in whole steps.
    private static func even(_ length: Int, _ count: Int, step: Int) -> Int {
        let part = (length + max(1, count) - 1) / max(1, count)
        return max(step, (part + step - 1) / step * step)
    }

    /// Whether waking other threads costs more than they bring.
    var isSmall: Bool { batch * heads * queryCount * keyCount * width < 1 << 17 }

    /// The queries of a tile; the last may have few, or none.
    func queries(_ tile: Int) -> Range<Int> {
        let start = min(queryCount, tile * tileLength)
        return start..<min(queryCount, start + tileLength)
    }
}

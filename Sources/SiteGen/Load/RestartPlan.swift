/// Which points of a series later attempts overwrite, known from a first reading of the log.
///
/// A restart at step s after n points overwrites those of the first n whose step is s or more.
struct RestartPlan: Sendable {
    /// A series that goes back more often is not restarted, but logged out of order: by several processes, say.
    ///
    /// What overwrites what can then not be told, and keeping account of it would cost more with every line.
    static let limit = 1000

    /// Whether the series is out of order: of its points those that go on are kept.
    let isOutOfOrder: Bool
    private let restarts: [SeriesAccumulator.Restart]
    /// The lowest step among the restarts below each node of a binary tree, the root at 1; leaves are the restarts.
    private let lowest: [Double]
    private let leafCount: Int
    /// Points from this one on are never overwritten.
    let lastOrdinal: Int

    var count: Int { restarts.count }

    /// Nothing is overwritten.
    init() { self.init([]) }

    /// - Parameter restarts: In logged order.
    init(_ restarts: [SeriesAccumulator.Restart]) {
        isOutOfOrder = false
        self.restarts = restarts
        lastOrdinal = restarts.last?.ordinal ?? 0
        var leaves = 1
        while leaves < restarts.count { leaves *= 2 }
        leafCount = leaves
        var tree = [Double](repeating: .infinity, count: restarts.isEmpty ? 0 : 2 * leaves)
        for (index, restart) in restarts.enumerated() { tree[leaves + index] = restart.x }
        if !restarts.isEmpty {
            for node in stride(from: leaves - 1, to: 0, by: -1) {
                tree[node] = min(tree[2 * node], tree[2 * node + 1])
            }
        }
        lowest = tree
    }

    private init(outOfOrder: Void) {
        isOutOfOrder = true
        restarts = []
        lowest = []
        leafCount = 0
        lastOrdinal = .max
    }

    /// For a series that goes back more often than a trainer is restarted.
    static var outOfOrder: RestartPlan { RestartPlan(outOfOrder: ()) }

    func isRestart(_ restart: SeriesAccumulator.Restart, number: Int) -> Bool {
        number < restarts.count && restarts[number] == restart
    }

    /// The index of the restart that overwrites the point logged as number `ordinal` at `x`; nil if none does.
    ///
    /// O(log r) of the number of restarts.
    func restart(after ordinal: Int, at x: Double) -> Int? {
        var low = 0
        var high = restarts.count
        while low < high {
            let middle = (low + high) / 2
            if restarts[middle].ordinal <= ordinal { low = middle + 1 } else { high = middle }
        }
        guard low < restarts.count else { return nil }
        return firstIndex(from: low, atMost: x)
    }

    /// The first restart from `start` on whose step is at most `x`.
    private func firstIndex(from start: Int, atMost x: Double) -> Int? {
        // Up to the first node right of the way that has one, then down to its leftmost.
        var node = leafCount + start
        while lowest[node] > x {
            while node & 1 == 1 { node >>= 1 }
            guard node > 0 else { return nil }
            node += 1
        }
        while node < leafCount { node = lowest[2 * node] <= x ? 2 * node : 2 * node + 1 }
        return node - leafCount
    }
}

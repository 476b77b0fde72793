/// Which points of a series later attempts overwrite, known from a first reading of the log.
///
/// A restart at step s after n points overwrites those of the first n whose step is s or more.
struct RestartPlan: Sendable {
    private let restarts: [SeriesAccumulator.Restart]
    /// The lowest step of each restart and all after it, to answer most points with one comparison.
    private let lowestFrom: [Double]
    /// Points from this one on are never overwritten.
    let lastOrdinal: Int

    var count: Int { restarts.count }

    /// Nothing is overwritten.
    init() { self.init([]) }

    /// - Parameter restarts: In logged order.
    init(_ restarts: [SeriesAccumulator.Restart]) {
        self.restarts = restarts
        var lowest = Double.infinity
        var suffix: [Double] = []
        for restart in restarts.reversed() {
            lowest = min(lowest, restart.x)
            suffix.append(lowest)
        }
        lowestFrom = suffix.reversed()
        lastOrdinal = restarts.last?.ordinal ?? 0
    }

    /// The index of the restart that overwrites the point logged as number `ordinal` at `x`; nil if none does.
    ///
    /// O(log r) for a point that stays, plus the restarts it survives for one that does not.
    func restart(after ordinal: Int, at x: Double) -> Int? {
        var low = 0
        var high = restarts.count
        while low < high {
            let middle = (low + high) / 2
            if restarts[middle].ordinal <= ordinal { low = middle + 1 } else { high = middle }
        }
        guard low < restarts.count, lowestFrom[low] <= x else { return nil }
        return restarts[low...].firstIndex { $0.x <= x }
    }
}

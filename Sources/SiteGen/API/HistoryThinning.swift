/// Thins a series for readers that want a short history.
enum HistoryThinning {
    /// Keeps at most `limit` points: the ends, and of every equal share of the rest its extremes.
    ///
    /// So the smallest and the largest of all are always among them.
    ///
    /// - Parameters:
    ///   - points: The points; those that are not finite only count as first and last.
    ///   - limit: At least 4.
    /// - Returns: The points kept, in their order.
    static func thin(_ points: [DataPoint], limit: Int) -> [DataPoint] {
        guard points.count > limit else { return points }
        let shares = (limit - 2) / 2
        let inner = points.count - 2
        var kept = [0]
        for share in 0..<shares {
            let start = 1 + inner * share / shares
            let end = 1 + inner * (share + 1) / shares
            var lowest: Int?
            var highest: Int?
            for index in start..<end where points[index].y.isFinite {
                if lowest.map({ points[index].y < points[$0].y }) ?? true { lowest = index }
                if highest.map({ points[index].y > points[$0].y }) ?? true { highest = index }
            }
            guard let lowest, let highest else { continue }
            kept.append(min(lowest, highest))
            if lowest != highest { kept.append(max(lowest, highest)) }
        }
        kept.append(points.count - 1)
        return kept.map { points[$0] }
    }
}

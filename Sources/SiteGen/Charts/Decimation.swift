/// Thins a series to what its drawing can show, without losing anything that would be seen.
///
/// Of every pixel column the first, last, smallest and largest point survive, in logged order, so the thinned
/// line covers the same pixels as the full one (M4). Beyond that the first and last point of the series, its
/// extremes, and both sides of every gap survive.
///
/// Source: U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", PVLDB 7(10), 2014.
enum Decimation {
    /// Beyond so many gaps only those wider than a pixel column keep both their sides; a series that is
    /// every other time not a number would otherwise not get thinner at all.
    static let maximumDetailedGaps = 256

    /// The kept points.
    static func points(_ points: [DataPoint], along scale: Scale, columns: Int) -> [DataPoint] {
        indices(of: points, along: scale, columns: columns).map { points[$0] }
    }

    /// The indices of the kept points, ascending.
    ///
    /// Columns are counted in the space the axis is straight in, so a log axis keeps its crowded left end.
    /// Points need not be in order of `x`, and many may share one. Points whose `x` the axis cannot place
    /// (not finite; not positive on a log axis) are dropped; all those left or right of the axis count as
    /// one column each.
    ///
    /// - Complexity: O(n + kept log kept) time, O(columns + kept) memory.
    static func indices(of points: [DataPoint], along scale: Scale, columns: Int) -> [Int] {
        precondition(columns > 0, "a drawing needs at least one column")
        var buckets = [Bucket](repeating: Bucket(), count: columns + 2)
        var whole = Bucket()
        var edges: [Int] = []
        var scan = GapScan(isDetailed: gapCount(points) <= maximumDetailedGaps)
        for index in points.indices {
            let point = points[index]
            let fraction = scale.fraction(of: point.x)
            guard fraction.isFinite else { continue }
            guard point.y.isFinite else {
                scan.enterGap(at: index)
                continue
            }
            let column = column(fraction, of: columns)
            scan.leaveGap(at: index, column: column, edges: &edges)
            buckets[column].add(index, point.y, points)
            whole.add(index, point.y, points)
        }
        scan.finish(edges: &edges)
        var kept = edges
        kept.reserveCapacity(edges.count + 4 * columns)
        whole.append(to: &kept)
        for bucket in buckets { bucket.append(to: &kept) }
        kept.sort()
        return kept.removingAdjacentDuplicates()
    }

    private static func column(_ fraction: Double, of columns: Int) -> Int {
        if fraction < 0 { return 0 }
        if fraction > 1 { return columns + 1 }
        return Swift.min(Int(fraction * Double(columns)), columns - 1) + 1
    }

    private static func gapCount(_ points: [DataPoint]) -> Int {
        var count = 0
        var isInside = false
        for point in points {
            let isGap = !point.y.isFinite
            if isGap, !isInside { count += 1 }
            isInside = isGap
        }
        return count
    }

    /// What one pixel column keeps; equal values keep the earliest.
    private struct Bucket {
        private var first = -1
        private var last = -1
        private var minimum = -1
        private var maximum = -1

        @inline(__always)
        mutating func add(_ index: Int, _ value: Double, _ points: [DataPoint]) {
            last = index
            if first < 0 {
                first = index
                minimum = index
                maximum = index
                return
            }
            if value < points[minimum].y { minimum = index }
            if value > points[maximum].y { maximum = index }
        }

        func append(to kept: inout [Int]) {
            guard first >= 0 else { return }
            kept.append(first)
            if minimum != first { kept.append(minimum) }
            if maximum != first, maximum != minimum { kept.append(maximum) }
            if last != first { kept.append(last) }
        }
    }

    /// Notes both sides of every gap and one point inside it, which breaks the line.
    private struct GapScan {
        let isDetailed: Bool
        private var lastFinite: (index: Int, column: Int)?
        private var gap: Int?
        private var lastMerged = -1

        init(isDetailed: Bool) { self.isDetailed = isDetailed }

        mutating func enterGap(at index: Int) {
            if gap == nil { gap = index }
        }

        mutating func leaveGap(at index: Int, column: Int, edges: inout [Int]) {
            defer { lastFinite = (index, column) }
            guard let gap else { return }
            self.gap = nil
            guard isDetailed || lastFinite?.column != column || lastMerged != column else { return }
            lastMerged = column
            if let lastFinite { edges.append(lastFinite.index) }
            edges.append(gap)
            edges.append(index)
        }

        mutating func finish(edges: inout [Int]) {
            guard let gap else { return }
            if let lastFinite { edges.append(lastFinite.index) }
            edges.append(gap)
        }
    }
}

extension [Int] {
    /// Each run of equal elements once.
    fileprivate func removingAdjacentDuplicates() -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(count)
        for element in self where result.last != element { result.append(element) }
        return result
    }
}

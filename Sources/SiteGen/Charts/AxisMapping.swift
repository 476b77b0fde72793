/// Turns steps into epochs or times by the correspondences a run's log gives.
///
/// Between two knots it interpolates linearly; outside the first and last there is no answer, since anything
/// there would be invented.
struct AxisMapping: Sendable, Equatable {
    /// Ascending in `step`, all finite.
    private let knots: [DataPoint]
    private let isIdentity: Bool

    /// A mapping from the run's own axis to another; nil where the log does not tell enough for it.
    ///
    /// - Parameters:
    ///   - knots: Ascending in step.
    ///   - own: What `step` of the knots, and `x` of the series, counts.
    ///   - axis: What is wanted.
    init?(_ knots: [AxisKnot], from own: XAxis, to axis: XAxis) {
        if own == axis {
            self.knots = []
            isIdentity = true
            return
        }
        var start: Double?
        var last = -Double.infinity
        let found: [DataPoint] = knots.compactMap { knot in
            guard knot.step.isFinite, knot.step > last else { return nil }
            let value: Double?
            switch axis {
            case .epoch: value = knot.epoch
            case .wall: value = knot.time
            case .relative:
                if start == nil { start = knot.time }
                value = knot.time.flatMap { time in start.map { time - $0 } }
            case .step, .line: value = nil
            }
            guard let value, value.isFinite else { return nil }
            last = knot.step
            return DataPoint(x: knot.step, y: value)
        }
        guard found.count > 1 else { return nil }
        self.knots = found
        isIdentity = false
    }

    /// Where a step lies on the other axis; nil outside the knots.
    func callAsFunction(_ step: Double) -> Double? {
        if isIdentity { return step }
        guard let first = knots.first, let last = knots.last, step >= first.x, step <= last.x else {
            return nil
        }
        var low = 0
        var high = knots.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if knots[middle].x <= step { low = middle } else { high = middle }
        }
        let (before, after) = (knots[low], knots[high])
        if step == after.x { return after.y }
        return before.y + (after.y - before.y) * ((step - before.x) / (after.x - before.x))
    }

    /// The points on the other axis; those it has no place for are left out.
    func map(_ points: [DataPoint]) -> [DataPoint] {
        if isIdentity { return points }
        return points.compactMap { point in self(point.x).map { DataPoint(x: $0, y: point.y) } }
    }
}

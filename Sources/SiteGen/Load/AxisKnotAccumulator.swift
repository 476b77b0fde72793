import Glibc

/// Remembers, in at most 1,024 places, which epoch and time belong to which step of the newest attempt.
struct AxisKnotAccumulator: Sendable {
    static let knotLimit = 1024

    private var closed: [AxisKnot] = []
    private var last: AxisKnot?
    private var level = -20
    private var openEnd = -Double.infinity

    /// Adds a row.
    ///
    /// A row that goes back is a restart, and what it overwrites is forgotten, if `isRestart`; otherwise it
    /// belongs to a metric with a count of its own and is passed over.
    mutating func add(x: Double, epoch: Double, time: Double, isRestart: Bool) {
        guard x.isFinite, epoch.isFinite || time.isFinite else { return }
        if let newest = last, x < newest.step {
            guard isRestart else { return }
            closed.append(newest)
            closed.removeAll { $0.step >= x }
            last = nil
            openEnd = -.infinity
        }
        let knot = AxisKnot(
            step: x,
            epoch: epoch.isFinite ? epoch : last?.epoch,
            time: time.isFinite ? time : nil
        )
        if x >= openEnd {
            // Both ends of every bucket stay: a pause between two of them is a jump in time.
            if let last, closed.last?.step != last.step { closed.append(last) }
            closed.append(knot)
            if closed.count > Self.knotLimit - 1 { widen() }
            openEnd = bucketEnd(x)
        }
        last = knot
    }

    var knots: [AxisKnot] {
        guard let last, closed.last?.step != last.step else { return closed }
        return closed + [last]
    }

    private mutating func widen() {
        guard let first = closed.first, let newest = closed.last else { return }
        level = max(
            level + 1,
            Int(ceil(log2(max(newest.step - first.step, 0x1p-20) / Double(Self.knotLimit / 4))))
        )
        var kept: [AxisKnot] = []
        var end = -Double.infinity
        for (index, knot) in closed.enumerated() {
            let isFirst = knot.step >= end
            if isFirst { end = bucketEnd(knot.step) }
            let isLast = index + 1 == closed.count || closed[index + 1].step >= end
            if isFirst || isLast { kept.append(knot) }
        }
        closed = kept
    }

    private func bucketEnd(_ x: Double) -> Double {
        let width = Double(sign: .plus, exponent: level, significand: 1)
        // Where the width is less than the distance of two doubles, a bucket is one of them.
        return max(((x / width).rounded(.down) + 1) * width, x.nextUp)
    }
}

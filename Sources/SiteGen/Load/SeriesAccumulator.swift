import RunRecords

/// One metric of a run while its log is read: what a `SeriesReport` is made from, in bounded memory.
///
/// A point whose step is below the last one begins a new attempt: a trainer was restarted from a checkpoint.
/// The newest attempt wins, so the points it overwrites have to be taken out again, which a summary cannot
/// do. They are only noticed here; `RunLog` then reads the log a second time with a `RestartPlan` that tells
/// of each point whether it will be overwritten. Until then the series is not kept account of.
struct SeriesAccumulator: Sendable {
    /// Smoothing starts when so many points have shown how far apart they are; shorter series have none.
    static let smoothingStart = 16
    /// A branch beyond this many is not drawn any more: the oldest go.
    static let branchLimit = 16

    private(set) var count = 0
    private(set) var nonFiniteCount = 0
    private(set) var first: DataPoint?
    private(set) var last: DataPoint?
    private(set) var minimum: DataPoint?
    private(set) var maximum: DataPoint?
    /// Where attempts began, in logged order: how many points came before, and at which step.
    ///
    /// No more than tell that the series is out of order, and none once that is known.
    private(set) var restarts: [Restart] = []
    /// How often the step went back.
    private(set) var setbackCount = 0
    /// Points of a series out of order that are not shown.
    private(set) var outOfOrderCount = 0
    /// Whether another restart came than the plan told of.
    private var isSurprised = false
    /// Points of every attempt so far.
    private(set) var ordinal = 0
    private(set) var lastX = -Double.infinity

    private var summary = SeriesSummary()
    /// Runs once `isSmoothing`.
    private var smoothing = SmoothingAccumulator(interval: 1)
    private var isSmoothing = false
    private var head: [DataPoint] = []
    /// In the order of the restarts that made them.
    private var branches: [(restart: Int, summary: SeriesSummary)] = []
    private let plan: RestartPlan
    /// Where the last shown point of a series out of order stands.
    private var reachedX = -Double.infinity

    struct Restart: Sendable, Equatable {
        let ordinal: Int
        let x: Double
    }

    init(plan: RestartPlan) { self.plan = plan }

    /// Whether exactly the restarts came that were known beforehand.
    var isAsPlanned: Bool {
        plan.isOutOfOrder ? setbackCount > RestartPlan.limit : !isSurprised && restarts.count == plan.count
    }

    /// What the next reading has to know.
    var nextPlan: RestartPlan { setbackCount > RestartPlan.limit ? .outOfOrder : RestartPlan(restarts) }

    /// Adds a value logged at `x`.
    /// - Returns: Whether an attempt began with it.
    @inline(__always)
    mutating func add(_ x: Double, _ y: Double) -> Bool {
        let isSetback = x < lastX
        lastX = x
        if isSetback { noteSetback(x) }
        if ordinal < plan.lastOrdinal {
            addPlanned(x, y)
        } else if !isSurprised {
            keep(x, y)
        }
        ordinal += 1
        return isSetback && !plan.isOutOfOrder
    }

    private mutating func noteSetback(_ x: Double) {
        setbackCount += 1
        guard !plan.isOutOfOrder, restarts.count <= RestartPlan.limit else { return }
        let restart = Restart(ordinal: ordinal, x: x)
        if !plan.isRestart(restart, number: restarts.count) { isSurprised = true }
        restarts.append(restart)
    }

    private mutating func addPlanned(_ x: Double, _ y: Double) {
        if plan.isOutOfOrder {
            if x >= reachedX {
                reachedX = x
                keep(x, y)
            } else {
                outOfOrderCount += 1
            }
        } else if !isSurprised {
            if let restart = plan.restart(after: ordinal, at: x) {
                discard(x, y, restart)
            } else {
                keep(x, y)
            }
        }
    }

    @inline(__always)
    private mutating func keep(_ x: Double, _ y: Double) {
        count += 1
        summary.add(x, y)
        guard y.isFinite else {
            nonFiniteCount += 1
            return
        }
        let point = DataPoint(x: x, y: y)
        last = point
        if let smallest = minimum, let largest = maximum {
            if y < smallest.y { minimum = point }
            if y > largest.y { maximum = point }
        } else {
            first = point
            minimum = point
            maximum = point
        }
        if isSmoothing { smoothing.add(x, y) } else { startSmoothing(point) }
    }

    private mutating func startSmoothing(_ point: DataPoint) {
        head.append(point)
        guard head.count > Self.smoothingStart else { return }
        let gaps = zip(head.dropFirst(), head).map { $0.x - $1.x }.filter { $0 > 0 }.sorted()
        // All at one step: wait until the series moves.
        guard !gaps.isEmpty else { return }
        smoothing = SmoothingAccumulator(interval: gaps[gaps.count / 2])
        for point in head { smoothing.add(point.x, point.y) }
        isSmoothing = true
        head = []
    }

    private mutating func discard(_ x: Double, _ y: Double, _ restart: Int) {
        var index = branches.count
        while index > 0, branches[index - 1].restart > restart { index -= 1 }
        if index == 0 || branches[index - 1].restart != restart {
            guard index > 0 || branches.count < Self.branchLimit else { return }
            branches.insert((restart, SeriesSummary()), at: index)
            index += 1
            if branches.count > Self.branchLimit {
                branches.removeFirst()
                index -= 1
            }
        }
        branches[index - 1].summary.add(x, y)
    }
}

extension SeriesAccumulator {
    func report(name: String) -> SeriesReport {
        let points = summary.points
        let curves = isSmoothing ? (0..<4).map { smoothing.curve($0) } : []
        let finite = points.lazy.filter { $0.y.isFinite }.map(\.y).sorted()
        let percentiles =
            finite.isEmpty
            ? nil : finite[finite.count * 5 / 100]...finite[min(finite.count - 1, finite.count * 95 / 100)]
        return SeriesReport(
            name: name,
            points: points,
            smoothed: curves,
            defaultSmoothing: curves.isEmpty ? nil : SmoothingAccumulator.defaultIndex,
            discarded: branches.map(\.summary.points),
            count: count,
            nonFiniteCount: nonFiniteCount,
            first: first,
            last: last,
            minimum: minimum,
            maximum: maximum,
            percentiles: percentiles,
            previous: previous(curves, points)
        )
    }

    /// What the newest value is compared with: the smoothed curve four half-lives ago, or the value before.
    private func previous(_ curves: [SmoothedCurve], _ points: [DataPoint]) -> Double? {
        guard let last else { return nil }
        guard !curves.isEmpty else { return points.dropLast().last { $0.y.isFinite }?.y }
        let curve = curves[SmoothingAccumulator.defaultIndex]
        let then = last.x - 4 * curve.halfLifeSteps
        return (curve.points.last { $0.x <= then } ?? curve.points.first)?.y
    }
}

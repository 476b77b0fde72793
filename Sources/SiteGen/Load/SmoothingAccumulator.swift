import Glibc

/// Debiased exponential averages of a series at four half-lives, over every point, as it grows.
///
/// A point's weight halves with every half-life of *steps* that passes, so a curve depends neither on how
/// often a trainer logs nor on how long the run gets: its beginning never changes. The sum of weights divides
/// the sum of weighted values, which takes the bias of the start away.
/// Source: D. Kingma and J. Ba, "Adam", ICLR 2015, §3 for the debiasing, with weights by distance in steps.
struct SmoothingAccumulator: Sendable {
    /// Curves are kept at no more than so many places.
    static let sampleLimit = 1024
    /// Half-lives in multiples of the interval between two logged points.
    static let multiples = SIMD4<Double>(3, 12, 60, 600)
    /// Which of them is drawn unless the reader chooses.
    static let defaultIndex = 1

    let halfLives: SIMD4<Double>
    private var sums = SIMD4<Double>.zero
    private var weights = SIMD4<Double>.zero
    private var lastX = Double.nan
    private var lastDistance = 0.0
    private var decay = SIMD4<Double>(repeating: 1)
    private var closed: [Sample] = []
    private var level = -20
    private var openEnd = -Double.infinity

    private struct Sample: Sendable {
        var x: Double
        var values: SIMD4<Double>
    }

    /// - Parameter interval: The usual distance between two points, in steps; more than 0.
    init(interval: Double) { halfLives = Self.multiples * interval }

    /// Adds a finite point; `x` must not be below the last one.
    @inline(__always)
    mutating func add(_ x: Double, _ y: Double) {
        if x >= openEnd { closeSample(x) }
        let distance = x - lastX
        if distance != lastDistance { setDecay(distance) }
        sums = sums * decay + SIMD4(repeating: y)
        weights = weights * decay + SIMD4(repeating: 1)
        lastX = x
    }

    /// The curve of one half-life.
    func curve(_ index: Int) -> SmoothedCurve {
        var points: [DataPoint] = []
        points.reserveCapacity(closed.count + 1)
        for sample in closed { points.append(DataPoint(x: sample.x, y: sample.values[index])) }
        if !lastX.isNaN { points.append(DataPoint(x: lastX, y: (sums / weights)[index])) }
        return SmoothedCurve(halfLifeSteps: halfLives[index], points: points)
    }

    private mutating func setDecay(_ distance: Double) {
        guard distance > 0 else {
            // The first point, or several at one step.
            lastDistance = distance
            decay = SIMD4(repeating: 1)
            return
        }
        lastDistance = distance
        for index in 0..<4 { decay[index] = exp2(-distance / halfLives[index]) }
    }

    /// Keeps the curves' values where a bucket of steps ends, as `SeriesSummary` keeps points.
    private mutating func closeSample(_ x: Double) {
        if !lastX.isNaN {
            closed.append(Sample(x: lastX, values: sums / weights))
            if closed.count > Self.sampleLimit { widen() }
        }
        openEnd = Self.bucketEnd(x, level: level)
    }

    private mutating func widen() {
        guard let first = closed.first, let last = closed.last else { return }
        let span = max(last.x - first.x, 0x1p-20)
        level = max(level + 1, Int(ceil(log2(span / Double(Self.sampleLimit / 2)))))
        // The very first value stays, so that a curve begins where its series does.
        var kept = [first]
        for (index, sample) in closed.enumerated().dropFirst() {
            let isLast = index + 1 == closed.count
            let end = Self.bucketEnd(sample.x, level: level)
            if isLast || closed[index + 1].x >= end { kept.append(sample) }
        }
        closed = kept
    }

    private static func bucketEnd(_ x: Double, level: Int) -> Double {
        let width = Double(sign: .plus, exponent: level, significand: 1)
        // Where the width is less than the distance of two doubles, a bucket is one of them.
        return max(((x / width).rounded(.down) + 1) * width, x.nextUp)
    }
}

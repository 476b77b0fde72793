import Glibc

/// A series of any length in at most 6,144 points that draw the same picture.
///
/// Points are grouped into buckets of the horizontal axis; each keeps its first, last, smallest and largest
/// value and the edges of its gaps, as the logged points they are (M4: U. Jugel et al., "M4: A
/// Visualization-Oriented Time Series Data Aggregation", VLDB 2014, with gaps added). Up to the limit every
/// point has a bucket of its own; beyond it the buckets' width doubles.
///
/// Widths are powers of two and boundaries their multiples, so merging two neighbours gives exactly the bucket
/// that direct grouping would have: the summary depends on the points alone, not on when they came. That is
/// what makes an appended-to page equal a clean build. Towards zero buckets narrow to 1/16 of their octave, so
/// that a logarithmic axis has detail where it stretches the data.
struct SeriesSummary: Sendable {
    /// More closed points than this make the buckets wider.
    ///
    /// Right after that some 3,500 are left: four for each of 660 buckets, one per pixel column of a chart at least,
    /// and the detail towards zero.
    static let pointLimit = 6144
    private static let smallestLevel = -20
    private static let bucketsPerOctaveBits = 4

    /// The points of all closed buckets, in logged order.
    private var closed: [DataPoint] = []
    private var open = Bucket()
    /// Buckets are at most 2^level wide.
    private var level = smallestLevel
    /// Where the bucket of the last closed point ends, and where the open one does.
    private var closedEnd = -Double.infinity
    private var openEnd = -Double.infinity

    /// Adds a point; `x` must be finite and not below the last one.
    @inline(__always)
    mutating func add(_ x: Double, _ y: Double) {
        if x >= openEnd { startBucket(x) }
        open.add(x, y)
    }

    /// All points kept, in logged order.
    var points: [DataPoint] {
        guard open.count > 0 else { return closed }
        var copy = self
        copy.closeBucket()
        return copy.closed
    }

    private mutating func startBucket(_ x: Double) {
        if open.count > 0 {
            closeBucket()
            if closed.count > Self.pointLimit { widen() }
        }
        openEnd = Self.bucketEnd(x, level: level)
    }

    /// Moves the open bucket's points to the closed ones, joining them to the last bucket if they fall in it.
    private mutating func closeBucket() {
        guard let first = open.firstX else { return }
        if first < closedEnd {
            var joined = Bucket()
            let start =
                closed.lastIndex { Self.bucketEnd($0.x, level: level) != closedEnd }.map { $0 + 1 } ?? 0
            for point in closed[start...] { joined.add(point.x, point.y) }
            open.forEachPoint { joined.add($0.x, $0.y) }
            closed.removeSubrange(start...)
            joined.forEachPoint { closed.append($0) }
        } else {
            open.forEachPoint { closed.append($0) }
            closedEnd = openEnd
        }
        open = Bucket()
    }

    /// Doubles the width, several times where the span asks for it, and groups the closed points anew.
    private mutating func widen() {
        guard let first = closed.first, let last = closed.last else { return }
        let span = max(last.x - first.x, 0x1p-20)
        // Buckets of four points each, of which half the limit may be left.
        let wanted = Int(ceil(log2(span / Double(Self.pointLimit / 4))))
        level = max(level + 1, wanted)
        var regrouped: [DataPoint] = []
        regrouped.reserveCapacity(closed.count)
        var bucket = Bucket()
        var end = -Double.infinity
        for point in closed {
            if point.x >= end {
                bucket.forEachPoint { regrouped.append($0) }
                bucket = Bucket()
                end = Self.bucketEnd(point.x, level: level)
            }
            bucket.add(point.x, point.y)
        }
        bucket.forEachPoint { regrouped.append($0) }
        closed = regrouped
        closedEnd = end
    }

    /// The upper boundary of the bucket that holds `x`.
    private static func bucketEnd(_ x: Double, level: Int) -> Double {
        var narrowed = level
        if x >= 0 {
            let octave = x == 0 ? smallestLevel : Int(x.exponent) - bucketsPerOctaveBits
            narrowed = max(smallestLevel, min(level, octave))
        }
        let width = Double(sign: .plus, exponent: narrowed, significand: 1)
        // Where the width is less than the distance of two doubles, a bucket is one of them.
        return max(((x / width).rounded(.down) + 1) * width, x.nextUp)
    }
}

/// One bucket while it fills: at most six points, in logged order.
private struct Bucket: Sendable {
    private(set) var count = 0
    private var first = Slot()
    private var last = Slot()
    private var smallest = Slot()
    private var largest = Slot()
    private var firstGap = Slot()
    private var lastGap = Slot()

    private struct Slot: Sendable {
        /// Place in the bucket's logged order; -1 for none.
        var order = -1
        var point = DataPoint(x: 0, y: 0)
    }

    /// The first point's position, gap or not.
    var firstX: Double? {
        guard count > 0 else { return nil }
        return first.order == 0 ? first.point.x : firstGap.point.x
    }

    @inline(__always)
    mutating func add(_ x: Double, _ y: Double) {
        let slot = Slot(order: count, point: DataPoint(x: x, y: y))
        count += 1
        guard y.isFinite else {
            if firstGap.order < 0 { firstGap = slot }
            lastGap = slot
            return
        }
        if first.order < 0 {
            first = slot
            smallest = slot
            largest = slot
        } else {
            if y < smallest.point.y { smallest = slot }
            if y > largest.point.y { largest = slot }
        }
        last = slot
    }

    func forEachPoint(_ body: (DataPoint) -> Void) {
        if count == 1 {
            body(first.order == 0 ? first.point : firstGap.point)
            return
        }
        let slots: InlineArray<6, Slot> = [first, smallest, largest, last, firstGap, lastGap]
        var previous = -1
        while true {
            // Six slots: looking for the next one beats sorting them.
            var next = -1
            for index in 0..<6 where slots[index].order > previous {
                if next < 0 || slots[index].order < slots[next].order { next = index }
            }
            guard next >= 0 else { return }
            body(slots[next].point)
            previous = slots[next].order
        }
    }
}

/// A curve of cubic Bézier pieces: a start, then two control points and an end per piece.
struct Outline: Sendable, Hashable {
    /// Shape `[1 + 3 * pieces]`.
    var points: [Point]
    var isClosed: Bool

    init(_ points: [Point], isClosed: Bool = true) {
        self.points = points
        self.isClosed = isClosed
    }

    /// A smooth curve through points; a point given twice in a row is a corner.
    ///
    /// Source: Catmull and Rom 1974, as Bézier pieces with controls a sixth of the chord away.
    static func smooth(through given: [Point], isClosed: Bool = true) -> Outline {
        var knots: [Point] = []
        var isCorner: [Bool] = []
        for point in given {
            if point == knots.last {
                isCorner[isCorner.count - 1] = true
            } else {
                knots.append(point)
                isCorner.append(false)
            }
        }
        guard knots.count > 1, let first = knots.first else { return Outline(knots, isClosed: isClosed) }
        let count = knots.count
        func tangent(_ index: Int) -> Point {
            if isCorner[index] { return Point(0, 0) }
            if !isClosed, index == 0 || index == count - 1 { return Point(0, 0) }
            return (knots[(index + 1) % count] - knots[(index + count - 1) % count]) * (1.0 / 6)
        }
        var points = [first]
        for index in 0..<(isClosed ? count : count - 1) {
            let next = (index + 1) % count
            points += [knots[index] + tangent(index), knots[next] - tangent(next), knots[next]]
        }
        return Outline(points, isClosed: isClosed)
    }

    /// Half of a symmetrical form from top to bottom on the right side, completed on the left.
    static func symmetric(_ right: [Point]) -> Outline {
        smooth(through: right + right.reversed().filter { $0.x > 1e-9 }.map(\.mirrored))
    }

    static func ellipse(_ center: Point, _ radiusX: Double, _ radiusY: Double) -> Outline {
        let k = 0.552_284_75
        func at(_ x: Double, _ y: Double) -> Point { Point(center.x + x * radiusX, center.y + y * radiusY) }
        return Outline([
            at(1, 0), at(1, k), at(k, 1), at(0, 1), at(-k, 1), at(-1, k), at(-1, 0),
            at(-1, -k), at(-k, -1), at(0, -1), at(k, -1), at(1, -k), at(1, 0),
        ])
    }

    func mapped(_ transform: (Point) -> Point) -> Outline {
        Outline(points.map(transform), isClosed: isClosed)
    }

    var mirrored: Outline { mapped(\.mirrored) }

    /// The box around all points, controls included.
    var bounds: (low: Point, high: Point) {
        var low = points.first ?? Point(0, 0)
        var high = low
        for point in points {
            low = Point(min(low.x, point.x), min(low.y, point.y))
            high = Point(max(high.x, point.x), max(high.y, point.y))
        }
        return (low, high)
    }
}

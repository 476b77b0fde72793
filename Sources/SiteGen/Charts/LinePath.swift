/// Positions in a viewBox, written as the shortest path data that browsers read.
///
/// Coordinates are whole tenths of a nominal pixel, written relative to the position before. What is
/// subtracted are the *rounded absolute* positions, so no rounding adds up along the line. `l` is written
/// once for a whole run of points, a minus sign separates by itself, and flat or upright pieces are `h` and
/// `v`, joined where they go on in the same direction.
enum LinePath {
    /// A place in the viewBox, or a break in the line.
    struct Position: Equatable, Sendable {
        let x: Int
        let y: Int

        static let gap = Position(x: .min, y: .min)

        var isGap: Bool { x == .min }
    }

    /// What was written besides the line.
    struct Outline: Equatable, Sendable {
        /// Positions between two gaps: a line through one point draws nothing, so these need dots.
        var lonePoints: [Position] = []
        /// The last position before each gap.
        var gapStarts: [Position] = []
    }

    /// Projects points into a viewBox; points that are not finite or that an axis cannot place are gaps.
    static func project(_ points: [DataPoint], _ frame: Frame) -> [Position] {
        points.map { frame.position(of: $0) }
    }

    /// Writes the line through the positions.
    @discardableResult
    static func write(_ positions: [Position], to output: inout [UInt8]) -> Outline {
        var outline = Outline()
        var pen = Pen()
        var run: [Position] = []
        func finish(_ output: inout [UInt8], isGap: Bool) {
            if run.count == 1 { outline.lonePoints.append(run[0]) }
            if isGap, let last = run.last { outline.gapStarts.append(last) }
            if run.count > 1 { pen.draw(run, to: &output) }
            run.removeAll(keepingCapacity: true)
        }
        output.reserveCapacity(output.count + positions.count * 6)
        for position in positions {
            if position.isGap {
                finish(&output, isGap: true)
            } else {
                run.append(position)
            }
        }
        finish(&output, isGap: false)
        return outline
    }

    /// Writes a dot at each position: a line of no length, which round caps make a circle that does not
    /// stretch with the drawing.
    static func writeDots(_ positions: [Position], to output: inout [UInt8]) {
        var before = Position(x: 0, y: 0)
        for (index, position) in positions.enumerated() {
            output.append(UInt8(ascii: index == 0 ? "M" : "m"))
            output.write(position.x - before.x)
            let y = position.y - before.y
            if y >= 0 { output.append(UInt8(ascii: " ")) }
            output.write(y)
            output.write("h0")
            before = position
        }
    }

    /// Drops positions that lie within `tolerance` viewBox units of the line between those kept: for
    /// smoothed curves, where most do.
    ///
    /// A cone from the last kept position narrows with every position it must pass; where it closes, the
    /// position before becomes the next corner. One pass. Ends and gaps are always kept.
    ///
    /// Source: K. Reumann, A. Witkam, 1974; the cone form by J. Sklansky, V. Gonzalez, 1980.
    static func simplify(_ positions: [Position], tolerance: Double) -> [Position] {
        var result: [Position] = []
        var cone: (low: Double, high: Double)?
        for index in positions.indices {
            let position = positions[index]
            guard let corner = result.last, !corner.isGap, !position.isGap else {
                if let last = result.last, position.isGap, index > 0, positions[index - 1] != last {
                    result.append(positions[index - 1])
                }
                result.append(position)
                cone = nil
                continue
            }
            let width = Double(position.x - corner.x)
            if width > 0 {
                let rise = Double(position.y - corner.y)
                let low = max(cone?.low ?? -.infinity, (rise - tolerance) / width)
                let high = min(cone?.high ?? .infinity, (rise + tolerance) / width)
                let slope = rise / width
                if cone == nil || (low <= slope && slope <= high) {
                    cone = (low, high)
                    continue
                }
            } else if cone == nil, width == 0, position.y == corner.y {
                continue
            }
            let before = positions[index - 1]
            if before != corner { result.append(before) }
            let turn = Double(position.x - before.x)
            if turn > 0 {
                let rise = Double(position.y - before.y)
                cone = ((rise - tolerance) / turn, (rise + tolerance) / turn)
            } else {
                result.append(position)
                cone = nil
            }
        }
        if let last = positions.last, result.last != last { result.append(last) }
        return result
    }
}

/// The viewBox and the two scales that points are placed with.
struct Frame: Equatable, Sendable {
    /// ViewBox units per nominal pixel: enough for a screen of three device pixels per pixel.
    static let unitsPerPixel = 10

    let x: Scale
    let y: Scale
    /// In viewBox units.
    let width: Int
    let height: Int

    init(x: Scale, y: Scale, widthPixels: Int, heightPixels: Int) {
        self.x = x
        self.y = y
        width = widthPixels * Self.unitsPerPixel
        height = heightPixels * Self.unitsPerPixel
    }

    /// Where a point lies.
    ///
    /// Values a log axis has no place for, zero and less, lie on its floor.
    @inline(__always)
    func position(of point: DataPoint) -> LinePath.Position {
        let across = x.fraction(of: point.x)
        guard across.isFinite, point.y.isFinite else { return .gap }
        let up = y.kind == .log && point.y <= 0 ? 0 : y.fraction(of: point.y)
        return LinePath.Position(
            x: Scale.coordinate(across, extent: Double(width)),
            y: Scale.coordinate(1 - up, extent: Double(height))
        )
    }
}

/// Writes the commands of one path, remembering where it is.
private struct Pen {
    private var current: LinePath.Position?
    private var command: UInt8 = 0

    private static let move = UInt8(ascii: "M")
    private static let line = UInt8(ascii: "l")
    private static let horizontal = UInt8(ascii: "h")
    private static let vertical = UInt8(ascii: "v")

    mutating func draw(_ run: [LinePath.Position], to output: inout [UInt8]) {
        var corner = run[0]
        write(Self.move, corner.x, corner.y, to: &output)
        var index = 1
        var drewAnything = false
        while index < run.count {
            var next = run[index]
            index += 1
            let dx = next.x - corner.x
            let dy = next.y - corner.y
            if dx == 0, dy == 0 { continue }
            // Straight pieces that go on in the same direction become one.
            if dy == 0 {
                while index < run.count, run[index].y == next.y, (run[index].x - next.x) * dx.signum() >= 0 {
                    next = run[index]
                    index += 1
                }
                write(Self.horizontal, next.x - corner.x, to: &output)
            } else if dx == 0 {
                while index < run.count, run[index].x == next.x, (run[index].y - next.y) * dy.signum() >= 0 {
                    next = run[index]
                    index += 1
                }
                write(Self.vertical, next.y - corner.y, to: &output)
            } else {
                write(Self.line, dx, dy, to: &output)
            }
            drewAnything = true
            corner = next
        }
        if !drewAnything { write(Self.horizontal, 0, to: &output) }
    }

    @inline(__always)
    private mutating func write(_ command: UInt8, _ x: Int, _ y: Int, to output: inout [UInt8]) {
        if self.command != command || command == Self.move {
            output.append(command)
            self.command = command
        } else if x >= 0 {
            output.append(UInt8(ascii: " "))
        }
        output.write(x)
        if y >= 0 { output.append(UInt8(ascii: " ")) }
        output.write(y)
    }

    @inline(__always)
    private mutating func write(_ command: UInt8, _ length: Int, to output: inout [UInt8]) {
        if self.command != command {
            output.append(command)
            self.command = command
        } else if length >= 0 {
            output.append(UInt8(ascii: " "))
        }
        output.write(length)
    }
}

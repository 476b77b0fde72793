/// The lines themselves.
extension LineChart {
    /// Half a viewBox unit: what rounding to whole units moves a position by anyway.
    private static let lineTolerance = 0.5
    /// A fifth of a nominal pixel.
    private static let curveTolerance = 2.0
    /// Series this short show each of their points as a dot.
    private static let dottedCount = 48
    /// Columns of overwritten branches, which are drawn faintly.
    private static let branchColumns = 320

    func writePlot(_ layout: Layout, to output: inout [UInt8]) {
        output.write("<svg class=\"plot\" viewBox=\"0 0 ")
        output.write(layout.frame.width)
        output.write(" ")
        output.write(layout.frame.height)
        output.write("\" preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"chart-")
        output.writeEscaped(id)
        output.write("-t chart-")
        output.writeEscaped(id)
        output.write("-d\"><title id=\"chart-")
        output.writeEscaped(id)
        output.write("-t\">")
        output.writeEscaped(Self.shortened(title))
        output.write("</title><desc id=\"chart-")
        output.writeEscaped(id)
        output.write("-d\">")
        output.writeEscaped(story(layout.range))
        output.write("</desc>\n")
        writeGrid(layout, to: &output)
        writeRestarts(layout, to: &output)
        // The first line of the legend lies on top.
        for index in series.indices.reversed() { writeSeries(index, layout, to: &output) }
        output.write("</svg>\n")
    }

    private func writeSeries(_ index: Int, _ layout: Layout, to output: inout [UInt8]) {
        let line = series[index]
        let isSmoothed = line.smoothed.contains { $0.y.isFinite }
        output.write("<g class=\"series ")
        output.writeSafe(line.slot.classes)
        if isSmoothed { output.write(" has-smooth") }
        output.write("\" data-series=\"")
        output.writeEscaped(line.name)
        output.write("\" data-run=\"")
        output.writeEscaped(line.runID)
        output.write("\">")
        for branch in line.discarded {
            let columns = min(Self.branchColumns, size.columns)
            let positions = positions(branch, columns: columns, tolerance: Self.lineTolerance, layout)
            writeLine("branch", positions, to: &output)
        }
        let columns = isSmoothed ? min(size.columnsBehindCurve, size.columns) : size.columns
        let positions = positions(line.points, columns: columns, tolerance: Self.lineTolerance, layout)
        let outline = writeLine("raw", positions, to: &output)
        if isSmoothed {
            let curve = self.positions(
                line.smoothed,
                columns: size.columns,
                tolerance: Self.curveTolerance,
                layout
            )
            writeLine("smooth", curve, to: &output)
        }
        writeDots("gaps", outline.gapStarts, to: &output)
        let finite = line.points.lazy.filter(\.y.isFinite)
        let isDotted = !isSmoothed && line.points.count <= Self.dottedCount
        let dots =
            isDotted
            ? finite.map { layout.frame.position(of: $0) }.filter { !$0.isGap } : outline.lonePoints
        writeDots("points", Array(dots), to: &output)
        writeFloor(line, layout, to: &output)
        writeClipped(index, layout, to: &output)
        output.write("</g>\n")
    }

    private func positions(
        _ points: [DataPoint],
        columns: Int,
        tolerance: Double,
        _ layout: Layout
    ) -> [LinePath.Position] {
        let kept = Decimation.points(points, along: layout.frame.x, columns: columns)
        return LinePath.simplify(LinePath.project(kept, layout.frame), tolerance: tolerance)
    }

    @discardableResult
    private func writeLine(
        _ name: StaticString,
        _ positions: [LinePath.Position],
        to output: inout [UInt8]
    ) -> LinePath.Outline {
        output.write("<path class=\"")
        output.write(name)
        output.write("\" d=\"")
        let outline = LinePath.write(positions, to: &output)
        output.write("\"/>")
        return outline
    }

    private func writeDots(_ name: StaticString, _ positions: [LinePath.Position], to output: inout [UInt8]) {
        if positions.isEmpty { return }
        output.write("<path class=\"")
        output.write(name)
        output.write("\" d=\"")
        LinePath.writeDots(positions, to: &output)
        output.write("\"/>")
    }

    /// On a log axis, rings on the floor at both ends of every run of zeros, which have no place above it: a
    /// dot of the line's colour and a smaller one of the background's.
    private func writeFloor(_ line: ChartSeries, _ layout: Layout, to output: inout [UInt8]) {
        guard layout.frame.y.kind == .log else { return }
        let points = line.points
        let ends = points.indices.filter { index in
            guard points[index].y <= 0 else { return false }
            let isFirst = index == 0 || points[index - 1].y > 0
            let isLast = index == points.count - 1 || points[index + 1].y > 0
            return isFirst || isLast
        }
        let kept = Decimation.points(ends.map { points[$0] }, along: layout.frame.x, columns: 64)
        let positions = LinePath.project(kept, layout.frame).filter { !$0.isGap }
        writeDots("floor", positions, to: &output)
        writeDots("floor-hole", positions, to: &output)
    }

    /// A short stroke at the edge where the line's extreme is beyond it.
    private func writeClipped(_ index: Int, _ layout: Layout, to output: inout [UInt8]) {
        let line = series[index]
        let edges = layout.range.clipped.filter { $0.seriesIndex == index }
        if edges.isEmpty { return }
        output.write("<path class=\"beyond\" d=\"")
        for edge in edges {
            guard let point = line.points.first(where: { $0.y == edge.extreme.y }) else { continue }
            let position = layout.frame.position(of: point)
            if position.isGap { continue }
            output.write("M")
            output.write(position.x)
            output.write(" ")
            output.write(edge.isAbove ? 0 : layout.frame.height)
            output.write("v")
            output.write(edge.isAbove ? 80 : -80)
        }
        output.write("\"/>")
    }
}

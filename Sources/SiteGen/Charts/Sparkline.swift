/// A small line without axes, for lists of runs.
enum Sparkline {
    private static let width = 120
    private static let height = 32
    /// Room for the stroke and the dot at the end, as a share of the height.
    private static let margin = 0.12

    /// The series' smoothed curve, or its points where it has none, with a dot at the newest value.
    ///
    /// - Parameters:
    ///   - series: What to draw.
    ///   - slot: Its colour.
    /// - Returns: UTF-8; without any finite value an empty drawing of the same size, so that lists line up.
    static func svg(_ series: SeriesReport, slot: PaletteSlot) -> [UInt8] {
        let curve = ChartSeries.curve(of: series)
        let points = (curve.isEmpty ? series.points : curve).filter { $0.x.isFinite && $0.y.isFinite }
        var output: [UInt8] = []
        output.write("<svg class=\"sparkline ")
        output.writeSafe(slot.classes)
        output.write("\" viewBox=\"0 0 ")
        output.write(width * Frame.unitsPerPixel)
        output.write(" ")
        output.write(height * Frame.unitsPerPixel)
        output.write("\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        output.writeEscaped(label(series))
        output.write("\">")
        if let last = points.last {
            let frame = frame(points, series)
            let kept = Decimation.points(points, along: frame.x, columns: width)
            let positions = LinePath.simplify(LinePath.project(kept, frame), tolerance: 2)
            output.write("<path class=\"line\" d=\"")
            LinePath.write(positions, to: &output)
            output.write("\"/><path class=\"points\" d=\"")
            let end = frame.position(of: last)
            let inside = LinePath.Position(x: end.x, y: min(max(end.y, 0), frame.height))
            LinePath.writeDots([inside], to: &output)
            output.write("\"/>")
        }
        output.write("</svg>")
        return output
    }

    private static func frame(_ points: [DataPoint], _ series: SeriesReport) -> Frame {
        let shown = points.min { $0.y < $1.y }
        let range = YRange.choose(for: [
            YRange.Input(
                points: points,
                minimum: shown,
                maximum: points.max { $0.y < $1.y },
                percentiles: series.percentiles
            )
        ])
        let scale = range.scale
        let lower = points.map(\.x).min() ?? 0
        let upper = points.map(\.x).max() ?? 1
        let domain = lower < upper ? lower...upper : LineChart.widened(lower)
        return Frame(
            x: Scale(from: domain.lowerBound, to: domain.upperBound),
            y: scale.extended(by: margin),
            widthPixels: width,
            heightPixels: height
        )
    }

    private static func label(_ series: SeriesReport) -> String {
        let unit = MetricName(series.name).unit
        let name = LineChart.shortened(series.name)
        guard let first = series.first, let last = series.last else { return "\(name): no values yet" }
        return "\(name): \(unit.text(first.y)) to \(unit.text(last.y))"
    }
}

import Audio

/// The pictures that go with a clip: its waveform, and its mouth's opening over its loudness.
enum ClipPictures {
    /// The width of both, and so how many pieces a waveform is summed up in.
    static let width = 640
    private static let height = 96
    private static let ink = Color(0.36, 0.5, 0.86)
    private static let accent = Color(0.93, 0.45, 0.36)

    /// The waveform: extremes pale, loudness full, on a transparent ground for light and dark pages.
    ///
    /// - Parameter summary: of ``width`` pieces.
    /// - Returns: ``width`` pixels wide.
    static func waveform(_ summary: WaveformSummary) -> RasterImage {
        RasterImage(width: width, height: height) { canvas in
            for (index, bucket) in summary.buckets.enumerated() {
                let x = Double(index) + 0.5
                bar(canvas, x, Double(bucket.minimum), Double(bucket.maximum), ink.opacity(0.45))
                bar(canvas, x, -Double(bucket.rootMeanSquare), Double(bucket.rootMeanSquare), ink)
            }
        }
    }

    /// The mouth's opening as a line over the loudness as an area.
    ///
    /// - Parameters:
    ///   - openness: one value per picture.
    ///   - loudness: a hundred values per second, 0 to 1.
    /// - Returns: a picture with a transparent ground.
    static func mouth(openness: [Float], loudness: [Float]) -> RasterImage {
        RasterImage(width: width, height: height) { canvas in
            let area = curve(loudness)
            let ground = [Point(Double(width), Double(height)), Point(0, Double(height))]
            canvas.fill(polygon(area + ground, isClosed: true), .solid(ink.opacity(0.3)))
            let top = max(openness.max() ?? 0, 0.05)
            let line = curve(openness.map { $0 / top })
            canvas.stroke(polygon(line, isClosed: false), width: 1.8, accent)
        }
    }

    private static func bar(_ canvas: Canvas, _ x: Double, _ low: Double, _ high: Double, _ color: Color) {
        let middle = Double(height) / 2
        let (top, bottom) = (high.clamped(to: -1...1), low.clamped(to: -1...1))
        guard top.isFinite, bottom.isFinite else { return }
        let line = polygon(
            [Point(x, middle - top * (middle - 2) - 0.3), Point(x, middle - bottom * (middle - 2) + 0.3)],
            isClosed: false
        )
        canvas.stroke(line, width: 1, color)
    }

    /// One point per pixel column, the greatest value that falls into it.
    private static func curve(_ values: [Float]) -> [Point] {
        guard !values.isEmpty else { return [Point(0, Double(height))] }
        return (0..<width).map { column in
            let first = column * values.count / width
            let end = max(first + 1, (column + 1) * values.count / width)
            let value = values[first..<min(end, values.count)].max() ?? 0
            return Point(Double(column) + 0.5, Double(height - 3) - Double(value) * Double(height - 6))
        }
    }

    /// Straight lines as the degenerate curves that ``Outline`` holds.
    private static func polygon(_ points: [Point], isClosed: Bool) -> Outline {
        var all = Array(points.prefix(1))
        for (from, to) in zip(points, points.dropFirst()) { all += [from, to, to] }
        return Outline(all, isClosed: isClosed)
    }
}

import TestSupport
import Testing

@testable import SiteGen

/// What the dashboard promises above all: one point in a million is in the picture.
@Suite struct SpikeTests {
    @Test func `a spike of one point among a million is in the drawn path, wherever it is`() throws {
        var random = SeededRandom.fresh()
        let count = 1_000_000
        for kind in ["raw", "under a curve"] {
            let place = Int.random(in: 0..<count, using: &random)
            let spike = Bool.random(using: &random) ? 1.5 : -0.5
            var summary = SeriesSummary()
            var noise = random
            for step in 0..<count {
                summary.add(Double(step), step == place ? spike : Double.random(in: 0...1, using: &noise))
            }
            let points = summary.points
            let curve = stride(from: 0.0, to: Double(count), by: 500).map { DataPoint(x: $0, y: 0.5) }
            let report = ChartFixtures.report("loss", points, smoothed: kind == "raw" ? [] : curve)
            let chart = ChartFixtures.chart([report])
            let layout = LineChart.Layout(chart)
            let wanted = layout.frame.position(of: DataPoint(x: Double(place), y: spike))
            let text = ChartFixtures.html(chart)
            let path = try #require(text.firstMatch(of: /class="raw" d="([^"]+)"/)).1
            let drawn = try PathText.decode(String(path)).flatMap { $0 }
            // The column of the spike may be drawn a pixel aside, its height may not.
            let isDrawn = drawn.contains { abs($0.x - wanted.x) <= 20 && abs($0.y - wanted.y) <= 1 }
            #expect(isDrawn, "\(kind), step \(place), \(random)")
            #expect(drawn.count <= 4096)
        }
    }
}

import Foundation
import TestSupport

@testable import SiteGen

/// Series for chart tests, made the way the loader makes them.
enum ChartFixtures {
    /// The report of a short series, all of whose points are kept.
    static func report(
        _ name: String,
        _ points: [DataPoint],
        smoothed: [DataPoint] = [],
        discarded: [[DataPoint]] = []
    ) -> SeriesReport {
        let finite = points.filter(\.y.isFinite)
        let values = finite.map(\.y).sorted()
        return SeriesReport(
            name: name,
            points: points,
            smoothed: smoothed.isEmpty ? [] : [SmoothedCurve(halfLifeSteps: 100, points: smoothed)],
            defaultSmoothing: smoothed.isEmpty ? nil : 0,
            discarded: discarded,
            count: points.count,
            nonFiniteCount: points.count - finite.count,
            first: finite.first,
            last: finite.last,
            minimum: finite.min { $0.y < $1.y },
            maximum: finite.max { $0.y < $1.y },
            percentiles: values.isEmpty
                ? nil : values[values.count / 20]...values[values.count * 19 / 20],
            previous: nil
        )
    }

    /// Points at steps 0, `stride`, 2 × `stride`, ….
    static func points(_ values: [Double], stride: Double = 1) -> [DataPoint] {
        values.enumerated().map { DataPoint(x: Double($0.offset) * stride, y: $0.element) }
    }

    /// What the loader keeps of a million noisy values: of each of 2,048 buckets the first, smallest,
    /// largest and last, and an average at every bucket.
    static func noisyMillion(
        _ name: String,
        trend: (Double) -> Double,
        noise: Double,
        seed: UInt64
    ) -> SeriesReport {
        var random = SeededRandom(seed: seed)
        var points: [DataPoint] = []
        var curve: [DataPoint] = []
        var average = trend(0)
        for bucket in 0..<2048 {
            let middle = trend(Double(bucket) / 2048)
            var steps = (0..<4).map { _ in Double.random(in: 0..<488, using: &random) }.sorted()
            steps[0] = 0
            var values = (0..<4).map { _ in middle * (1 + noise * bell(&random)) }
            let extremes = Bool.random(using: &random) ? (1, 2) : (2, 1)
            values[extremes.0] = middle * (1 - noise * Double.random(in: 2.2...3.4, using: &random))
            values[extremes.1] = middle * (1 + noise * Double.random(in: 2.2...3.4, using: &random))
            for (step, value) in zip(steps, values) {
                points.append(DataPoint(x: (Double(bucket) * 488.28 + step).rounded(), y: value))
            }
            average += (middle * (1 + noise * bell(&random) / 20) - average) * 0.08
            curve.append(DataPoint(x: Double(bucket) * 488.28, y: average))
        }
        return report(name, points, smoothed: curve)
    }

    /// About normally distributed, standard deviation 1.
    static func bell(_ random: inout SeededRandom) -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
    }

    /// A chart of reports in the colours they have on a run page.
    static func chart(
        _ reports: [SeriesReport],
        id: String = "loss",
        title: String = "Loss",
        role: PlannedChart.Role = .loss,
        axis: XAxis = .step,
        restarts: [Double] = []
    ) -> LineChart {
        let slots = Palette.slots(for: reports.map(\.name)) { MetricName($0).fixedColour }
        return LineChart(
            id: id,
            title: title,
            role: role,
            axis: axis,
            series: zip(reports, slots).map { report, slot in
                ChartSeries(
                    report,
                    runID: "run-1",
                    slot: slot,
                    csvPath: "csv/\(SeriesSlug.slug(for: report.name)).csv"
                )
            },
            restarts: restarts
        )
    }

    static func html(_ chart: LineChart) -> String { String(decoding: chart.html(), as: UTF8.self) }
}

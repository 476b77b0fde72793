/// One line of a chart: a series of one run, placed on the chart's horizontal axis.
struct ChartSeries: Sendable, Equatable {
    /// The metric's name, hostile until escaped.
    let name: String
    /// What the legend calls it, hostile until escaped.
    let label: String
    let runID: String
    let slot: PaletteSlot
    let unit: ValueUnit
    /// What the series' own `x` counts, which the words and the table speak of.
    let ownAxis: XAxis
    /// Where the chart's page finds the values as CSV; nil where it offers none.
    let csvPath: String?
    /// How many of the points that file holds: of a long series those that draw the same picture.
    let csvRows: Int

    /// On the chart's axis.
    let points: [DataPoint]
    /// The curve drawn over the points; empty for short series.
    let smoothed: [DataPoint]
    /// Overwritten branches, on the chart's axis.
    let discarded: [[DataPoint]]

    /// What the whole log says, on the series' own axis: for the table and the words.
    let first: DataPoint?
    let last: DataPoint?
    let minimum: DataPoint?
    let maximum: DataPoint?
    let count: Int
    let nonFiniteCount: Int
    let percentiles: ClosedRange<Double>?

    /// A line of a chart.
    ///
    /// - Parameters:
    ///   - series: What the log says.
    ///   - runID: The run it is from.
    ///   - label: What the legend calls it; its name where nil.
    ///   - slot: Its colour and dash, from `Palette`.
    ///   - ownAxis: What the log's own `x` counts: `RunReport.axis`.
    ///   - mapping: From the series' own axis to the chart's; nil where they are the same.
    ///   - csvPath: Relative to the page the chart is on.
    init(
        _ series: SeriesReport,
        runID: String,
        label: String? = nil,
        slot: PaletteSlot,
        ownAxis: XAxis = .step,
        mapping: AxisMapping? = nil,
        csvPath: String? = nil
    ) {
        name = series.name
        self.label = label ?? series.name
        self.runID = runID
        self.slot = slot
        self.ownAxis = ownAxis
        unit = MetricName(series.name).unit
        self.csvPath = csvPath
        csvRows = series.points.count
        let smoothed = Self.curve(of: series)
        points = mapping?.map(series.points) ?? series.points
        self.smoothed = mapping?.map(smoothed) ?? smoothed
        discarded = mapping.map { mapping in series.discarded.map { mapping.map($0) } } ?? series.discarded
        first = series.first
        last = series.last
        minimum = series.minimum
        maximum = series.maximum
        count = series.count
        nonFiniteCount = series.nonFiniteCount
        percentiles = series.percentiles
    }

    /// The smoothed curve drawn by default: none where the series is short, and none where it is smooth by
    /// itself.
    static func curve(of series: SeriesReport) -> [DataPoint] {
        defaultSmoothing(of: series).map { series.smoothed[$0].points } ?? []
    }

    /// The index of the curve drawn by default, if any.
    ///
    /// An average lags behind what it averages. Over noise that is the price of seeing the trend; a learning
    /// rate or an accuracy that climbs steadily would only be drawn wrong. A series counts as noisy where it
    /// goes up and down at least three times as far as its average does.
    static func defaultSmoothing(of series: SeriesReport) -> Int? {
        guard let index = series.defaultSmoothing, series.smoothed.indices.contains(index) else { return nil }
        if MetricName(series.name).isLearningRate { return nil }
        let curve = series.smoothed[index].points
        return variation(series.points) >= noiseRatio * variation(curve) ? index : nil
    }

    private static let noiseRatio = 3.0

    /// How far a series goes up and down in all.
    private static func variation(_ points: [DataPoint]) -> Double {
        var sum = 0.0
        var before: Double?
        for point in points where point.y.isFinite {
            if let before { sum += abs(point.y - before) }
            before = point.y
        }
        return sum
    }

    /// What the vertical range is chosen from.
    var rangeInput: YRange.Input {
        YRange.Input(points: points, minimum: minimum, maximum: maximum, percentiles: percentiles)
    }
}

extension [ChartSeries] {
    /// From the first to the last finite `x` of all lines, faint branches included; widened to one unit
    /// where there is only one.
    var domain: ClosedRange<Double> {
        var lower = Double.infinity
        var upper = -Double.infinity
        for series in self {
            for branch in [series.points] + series.discarded {
                for point in branch where point.x.isFinite {
                    lower = Swift.min(lower, point.x)
                    upper = Swift.max(upper, point.x)
                }
            }
        }
        guard lower <= upper else { return 0...1 }
        return lower < upper ? lower...upper : LineChart.widened(lower)
    }
}

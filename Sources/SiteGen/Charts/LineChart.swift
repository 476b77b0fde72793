/// A line chart as HTML with inline SVG: complete without scripts, small, and the same bytes for the same
/// values.
///
/// The plot stretches to whatever width its column has (`preserveAspectRatio="none"`, strokes that do not
/// scale), so text lives in separate drawings left of and below it, positioned in percent. There are no
/// `style` attributes; colours, widths and fonts come from classes in the site's style sheet.
struct LineChart: Sendable, Equatable {
    /// Safe in element ids, unique on the page.
    let id: String
    /// Hostile.
    let title: String
    let role: PlannedChart.Role
    /// What `x` counts.
    let axis: XAxis
    let domain: ClosedRange<Double>
    let series: [ChartSeries]
    /// Where a later attempt took over, on the chart's axis.
    let restarts: [Double]
    let xKind: Scale.Kind
    let size: Size

    /// Sizes in nominal pixels; the drawing stretches, the number of points follows these.
    struct Size: Sendable, Equatable {
        var width: Int
        var height: Int
        /// Pixel columns that logged values are thinned to.
        var columns: Int
        /// The same where a smoothed line lies over them.
        ///
        /// They are then a band of noise, which looks the same from fewer strokes.
        var columnsBehindCurve: Int

        static let normal = Size(width: 640, height: 240, columns: 640, columnsBehindCurve: 480)
    }

    /// A chart of at least one series.
    ///
    /// - Parameters:
    ///   - id: Safe in element ids, unique on the page: `PlannedChart.id`.
    ///   - title: The heading.
    ///   - role: Decides about log axes.
    ///   - axis: What `x` of all points counts.
    ///   - domain: The horizontal range; that of the points where nil. Give all charts of a run the same, so
    ///     that they line up.
    ///   - series: The lines, in the order of the legend.
    ///   - restarts: On the chart's axis.
    ///   - xKind: Linear or log; a log axis starts at the smallest positive `x`.
    ///   - size: In nominal pixels.
    init(
        id: String,
        title: String,
        role: PlannedChart.Role = .other,
        axis: XAxis,
        domain: ClosedRange<Double>? = nil,
        series: [ChartSeries],
        restarts: [Double] = [],
        xKind: Scale.Kind = .linear,
        size: Size = .normal
    ) {
        self.id = id
        self.title = title
        self.role = role
        self.axis = axis
        let domain = domain ?? series.domain
        self.domain = Self.isDrawable(domain) ? domain : Self.widened(domain.lowerBound)
        self.series = series
        self.restarts = restarts
        self.xKind = xKind
        self.size = size
    }

    /// A planned chart of one run, on its own axis or another.
    ///
    /// - Parameters:
    ///   - plan: From `ChartPlan`.
    ///   - run: The run.
    ///   - axis: The wanted axis; the run's own where nil, or where its log does not tell enough for another.
    ///   - domain: The horizontal range, shared by the charts of a page; this chart's own where nil.
    ///   - csvPath: The address of a series' CSV, relative to the page, by its slug.
    init(
        _ plan: PlannedChart,
        of run: RunReport,
        axis: XAxis? = nil,
        domain: ClosedRange<Double>? = nil,
        csvPath: (_ slug: String) -> String? = { _ in nil }
    ) {
        let wanted = axis ?? run.axis
        let mapping = wanted == run.axis ? nil : AxisMapping(run.axisKnots, from: run.axis, to: wanted)
        let shown = mapping == nil ? run.axis : wanted
        let reports = plan.seriesNames.compactMap { run.series(named: $0) }
        let slots = Palette.slots(for: reports.map(\.name)) { MetricName($0).fixedColour }
        let series = zip(reports, slots).map { report, slot in
            ChartSeries(
                report,
                runID: run.id,
                slot: slot,
                ownAxis: run.axis,
                mapping: mapping,
                csvPath: csvPath(SeriesSlug.slug(for: report.name))
            )
        }
        self.init(
            id: plan.id,
            title: plan.title,
            role: plan.role,
            axis: shown,
            domain: domain,
            series: series,
            restarts: mapping.map { mapping in run.restarts.compactMap { mapping($0) } } ?? run.restarts
        )
    }

    /// Whether numbers between the ends of a range can be told apart: hostile steps may lie closer.
    private static func isDrawable(_ range: ClosedRange<Double>) -> Bool {
        let (lower, upper) = (range.lowerBound, range.upperBound)
        guard lower.isFinite, upper.isFinite else { return false }
        let length = upper / 2 - lower / 2
        return length > max(abs(lower), abs(upper)) * 1e-12 && length > 1e-290
    }

    /// A range around a single value.
    static func widened(_ value: Double) -> ClosedRange<Double> {
        guard value.isFinite, abs(value) < 1e300 else { return 0...1 }
        let margin = max(1, abs(value) * 1e-6)
        return value - margin...value + margin
    }

    // MARK: Markup

    /// The `<figure>` as UTF-8.
    func html() -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    /// Appends the `<figure>`.
    func append(to output: inout [UInt8]) {
        output.reserveCapacity(output.count + 12_000 * (series.count + 1))
        let layout = Layout(self)
        writeOpening(layout, to: &output)
        writeCaption(to: &output)
        output.write("<div class=\"chart-body\">\n")
        writeVerticalAxis(layout, to: &output)
        writePlot(layout, to: &output)
        writeHorizontalAxis(layout, to: &output)
        output.write("</div>\n")
        writeNotes(layout, to: &output)
        writeTable(to: &output)
        output.write("</figure>\n")
    }

    /// The scales and ticks everything is placed with.
    struct Layout {
        let range: YRange
        let frame: Frame
        let horizontalTicks: [Tick]
        let verticalTicks: [Tick]

        init(_ chart: LineChart) {
            range = YRange.choose(for: chart.series.map(\.rangeInput), allowsLog: chart.role != .learningRate)
            let x = chart.horizontalScale
            frame = Frame(
                x: x,
                y: range.scale,
                widthPixels: chart.size.width,
                heightPixels: chart.size.height
            )
            horizontalTicks = Ticks.horizontal(x, axis: chart.axis, count: max(2, chart.size.width / 90))
            verticalTicks = Ticks.numbers(range.scale, count: max(2, chart.size.height / 44))
        }
    }

    private var horizontalScale: Scale {
        guard xKind == .log, domain.upperBound > 0 else {
            return Scale(from: domain.lowerBound, to: domain.upperBound)
        }
        var lower = domain.lowerBound
        if lower <= 0 {
            let positive = series.lazy.flatMap(\.points).map(\.x).filter { $0 > 0 && $0.isFinite }
            lower = positive.min() ?? domain.upperBound / 1000
        }
        return Scale(.log, from: min(lower, domain.upperBound / 10), to: domain.upperBound)
    }

    private func writeOpening(_ layout: Layout, to output: inout [UInt8]) {
        output.write("<figure class=\"chart\" id=\"chart-")
        output.writeEscaped(id)
        output.write("\" data-chart=\"")
        output.writeEscaped(id)
        output.write("\" data-axis=\"")
        output.writeSafe(axis.rawValue)
        let (x, y) = (layout.frame.x, layout.frame.y)
        let attributes: [(StaticString, String)] = [
            ("\" data-x0=\"", NumberFormat.exact(x.lower)), ("\" data-x1=\"", NumberFormat.exact(x.upper)),
            ("\" data-y0=\"", NumberFormat.exact(y.lower)), ("\" data-y1=\"", NumberFormat.exact(y.upper)),
            ("\" data-xscale=\"", x.kind.rawValue), ("\" data-yscale=\"", y.kind.rawValue),
            ("\" data-width=\"", String(size.width)), ("\" data-height=\"", String(size.height)),
        ]
        for (name, value) in attributes {
            output.write(name)
            output.writeSafe(value)
        }
        if layout.range.suggestsLog { output.write("\" data-suggest-log=\"true") }
        output.write("\">\n")
    }

    private func writeCaption(to output: inout [UInt8]) {
        output.write("<figcaption><h3>")
        output.writeEscaped(Self.shortened(title))
        output.write("</h3> <ul class=\"legend\">")
        for line in series {
            output.write("<li data-series=\"")
            output.writeEscaped(line.name)
            output.write("\" data-run=\"")
            output.writeEscaped(line.runID)
            output.write("\" class=\"")
            output.writeSafe(line.slot.classes)
            if let unit = line.unit.mark {
                output.write("\" data-unit=\"")
                output.writeEscaped(unit)
            }
            output.write("\"><span class=\"swatch\"></span><bdi class=\"label\">")
            output.writeEscaped(Self.shortened(line.label))
            output.write("</bdi> <output class=\"value\">")
            output.writeEscaped(line.last.map { line.unit.text($0.y) } ?? NumberFormat.missing)
            output.write("</output></li>")
        }
        output.write("</ul></figcaption>\n")
    }

    /// The start of a text too long to be read; attributes keep all of it.
    static func shortened(_ text: String) -> String {
        let limit = 80
        guard text.utf8.count > limit,
            let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
            end < text.endIndex
        else { return text.utf8.count > 8 * limit ? cut(text, toBytes: 8 * limit) : text }
        let start = String(text[..<end])
        return cut(start, toBytes: 8 * limit) + "…"
    }

    /// Eighty characters can be megabytes of combining marks.
    private static func cut(_ text: String, toBytes limit: Int) -> String {
        text.utf8.count <= limit
            ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit / 4)))
    }
}

import Foundation

/// `compare/index.html`: the metrics several runs share, overlaid, and what was set differently.
///
/// The newest runs are drawn at build time, so the page reads without scripts; the script draws any others
/// from their data files.
struct ComparePage {
    /// The oldest first: a new run joins at the end and moves nobody's colour.
    private let reports: [RunReport]
    private let site: SiteContext
    private let slots: [String: PaletteSlot]

    /// Lines in one chart before it is a tangle, and columns in a table before it is too wide.
    static let maximumDrawnRuns = 6
    static let maximumCharts = 8
    /// Half the columns of a run's own charts: several lines share the space.
    private static let size = LineChart.Size(width: 640, height: 240, columns: 320, columnsBehindCurve: 160)

    init(reports: [RunReport], site: SiteContext) {
        self.reports = reports.sorted { left, right in
            let (leftStart, rightStart) = (left.started ?? .distantPast, right.started ?? .distantPast)
            return leftStart == rightStart ? left.id < right.id : leftStart < rightStart
        }
        self.site = site
        let ids = self.reports.map(\.id)
        slots = Dictionary(zip(ids, Palette.slots(for: ids))) { first, _ in first }
    }

    var context: TemplateContext {
        let drawable = reports.filter { !$0.series.isEmpty }
        let drawn = Array(drawable.suffix(Self.maximumDrawnRuns))
        let metrics = SharedMetrics(drawn)
        let charts = metrics.names.prefix(Self.maximumCharts).compactMap { chart(of: $0, drawn) }
        let isDrawn = Set(drawn.map(\.id))
        let page: TemplateContext = [
            .summary: .text(summary(drawn: drawn.count)),
            .hasRuns: .flag(reports.count > 1),
            .runs: .list(reports.reversed().map { choice($0, isDrawn: isDrawn.contains($0.id)) }),
            .metrics: .texts(
                SharedMetrics(drawable).names.map { Wording.shortened($0, to: TextLimit.value) }
            ),
            .chartGroups: .optional(charts.isEmpty ? nil : group(charts, of: metrics.names.count, drawn)),
            .differences: .optional(ConfigurationDifferences(runs: drawn.reversed()).context(colour: colour)),
            .emptyTitle: .text(reports.count < 2 ? "Two runs make a comparison" : "Nothing in common yet"),
            .emptyText: .text(
                reports.count < 2
                    ? "As soon as a second run logs a metric that the first has too, both are drawn here in one chart."
                    : "No two of these runs log a metric of the same name, so there is nothing to lay over each other."
            ),
        ]
        return PageFrame(site: site, page: .compare, title: "Compare", root: "../").context.merging(page)
    }

    private func summary(drawn: Int) -> String {
        guard reports.count > 1 else { return Wording.count(reports.count, "run") }
        return drawn < reports.count
            ? "\(Wording.count(reports.count, "run")); the newest \(drawn) with curves are drawn."
            : "\(Wording.count(reports.count, "run")), each with its own colour on every chart."
    }

    private func group(_ charts: [TemplateContext], of count: Int, _ drawn: [RunReport]) -> TemplateContext {
        let rest = count - charts.count
        let more =
            rest > 0
            ? "\(Wording.count(rest, "more shared metric")) can be chosen above with scripts on." : nil
        let context: TemplateContext = [.charts: .list(charts), .more: .optional(more)]
        return context.merging(ChartToolbar(drawn).context)
    }

    private func colour(of report: RunReport) -> String { slots[report.id]?.classes ?? "c0" }

    private func choice(_ report: RunReport, isDrawn: Bool) -> TemplateContext {
        let choice: TemplateContext = [
            .runID: .text(report.id), .name: .text(Wording.shortened(report.name, to: TextLimit.name)),
            .color: .text(colour(of: report)), .isDrawn: .flag(isDrawn),
        ]
        return choice.merging(StatusBadge(report).context)
    }

    /// One metric of the drawn runs, on the axis of the first that has it; runs whose log cannot be placed
    /// on that axis are left out.
    private func chart(of name: String, _ drawn: [RunReport]) -> TemplateContext? {
        let having = drawn.filter { $0.series(named: name) != nil }
        guard let axis = having.first?.axis,
            let chart = LineChart.comparing(
                name,
                title: name,
                of: having,
                axis: axis,
                slots: slots,
                size: Self.size,
                csvPath: { run, slug in "../api/runs/\(run)/csv/\(slug).csv" }
            ),
            chart.series.count > 1
        else { return nil }
        return [.chartMarkup: .markup(String(decoding: chart.html(), as: UTF8.self))]
    }
}

/// The metrics at least two runs log under the same name, losses first.
struct SharedMetrics {
    let names: [String]

    init(_ reports: [RunReport]) {
        var counts: [String: Int] = [:]
        var order: [String] = []
        for report in reports {
            for series in report.series where series.last != nil {
                if counts.updateValue((counts[series.name] ?? 0) + 1, forKey: series.name) == nil {
                    order.append(series.name)
                }
            }
        }
        let shared = order.filter { (counts[$0] ?? 0) > 1 }.map { ChartPlan.Candidate(name: $0) }
        names = ChartPlan.charts(for: shared).flatMap(\.seriesNames)
    }
}

/// A run's curves in groups: what is trained, what else was measured, what the machine does.
struct ChartsBlock {
    let report: RunReport

    /// Charts past this many would make a page nobody scrolls through; their values are in the data files.
    static let maximumCharts = 60

    /// Nil where nothing can be drawn.
    var context: TemplateContext? {
        let plans = ChartPlan.charts(for: report.series)
        guard !plans.isEmpty else { return nil }
        let shown = plans.prefix(Self.maximumCharts)
        let domain = Self.domain(of: report.series)
        let groups = Group.allCases.compactMap { group -> TemplateContext? in
            let charts = shown.filter { Group($0.role) == group }
            guard !charts.isEmpty else { return nil }
            return [
                .key: .text(group.rawValue), .title: .text(group.title),
                .charts: .list(charts.map { chart($0, domain: domain) }),
            ]
        }
        let rest = plans.count - shown.count
        let more =
            rest > 0
            ? "\(Wording.count(rest, "more chart")) would be drawn here; their values are in the data files."
            : nil
        let context: TemplateContext = [.groups: .list(groups), .more: .optional(more)]
        return context.merging(ChartToolbar([report]).context)
    }

    private func chart(_ plan: PlannedChart, domain: ClosedRange<Double>?) -> TemplateContext {
        let id = report.id
        let chart = LineChart(plan, of: report, domain: domain) { "../../api/runs/\(id)/csv/\($0).csv" }
        return [.chartMarkup: .markup(String(decoding: chart.html(), as: UTF8.self))]
    }

    /// The range of all series, so that the charts of a page line up.
    static func domain(of series: [SeriesReport]) -> ClosedRange<Double>? {
        var lower = Double.infinity
        var upper = -Double.infinity
        for series in series {
            for branch in [series.points] + series.discarded {
                for point in branch where point.x.isFinite {
                    lower = min(lower, point.x)
                    upper = max(upper, point.x)
                }
            }
        }
        return lower < upper ? lower...upper : nil
    }

    private enum Group: String, CaseIterable {
        case training, further, machine

        init(_ role: PlannedChart.Role) {
            switch role {
            case .loss, .errorRate, .learningRate, .gradientNorm: self = .training
            case .other: self = .further
            case .speed, .gpuUtilisation, .gpuMemory: self = .machine
            }
        }

        var title: String {
            switch self {
            case .training: "Training"
            case .further: "Further metrics"
            case .machine: "Speed and machine"
            }
        }
    }
}

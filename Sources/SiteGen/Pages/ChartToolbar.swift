/// The controls over the charts, shown by the script: they offer only what the runs' logs tell.
struct ChartToolbar {
    private let reports: [RunReport]

    /// Controls for the charts of these runs.
    init(_ reports: [RunReport]) { self.reports = reports }

    var context: TemplateContext {
        let curves = reports.flatMap(\.series).max { $0.smoothed.count < $1.smoothed.count }
        let chosen = curves?.defaultSmoothing.map { $0 + 1 } ?? 0
        return [
            .smoothingSteps: .text(String(curves?.smoothed.count ?? 0)),
            .smoothingStep: .text(String(chosen)),
            .axes: .list(
                axes.map { axis in
                    [
                        .value: .text(axis.rawValue), .label: .text(Self.label(axis)),
                        .isChosen: .flag(axis == reports.first?.axis),
                    ]
                }
            ),
        ]
    }

    /// The runs' own axis and those every run can be mapped to.
    private var axes: [XAxis] {
        XAxis.allCases.filter { axis in
            !reports.isEmpty
                && reports.allSatisfy { report in
                    axis == report.axis || AxisMapping(report.axisKnots, from: report.axis, to: axis) != nil
                }
        }
    }

    private static func label(_ axis: XAxis) -> String {
        switch axis {
        case .step: "step"
        case .epoch: "epoch"
        case .relative: "time since start"
        case .wall: "date and time"
        case .line: "line"
        }
    }
}

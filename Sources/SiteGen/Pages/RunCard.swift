import Foundation

/// What the page of all runs shows of one run.
///
/// Made once when a run changes, so that a new line in one of a hundred runs costs one card and not a
/// hundred.
struct RunCard: Sendable, Equatable {
    let id: String
    /// `running`, `silent`, `completed`, `stopped`, `error` or `waiting`.
    let status: String
    let started: Date?
    let context: TemplateContext
    private let drawn = CardMarkup()

    init(report: RunReport) {
        id = report.id
        started = report.started
        let badge = StatusBadge(report)
        status = badge.key
        let known = KnownSeries(report)
        let head: TemplateContext = [
            .runID: .text(report.id),
            .name: .text(Wording.shortened(report.name, to: TextLimit.name)),
            .facts: .texts(RunHeadBlock.facts(of: report)),
            .updatedMarkup: Wording.optionalTime(report.lastUpdate, isRelative: true),
            .progress: .optional(Self.progress(of: report)),
            .position: .text(Self.position(of: report)),
            .sparkMarkup: (known.loss ?? Self.firstCurve(of: report)).map { .markup(Self.sparkline($0)) }
                ?? .absent,
            .stats: .list(Self.stats(of: report, known)),
        ]
        context = head.merging(badge.context)
    }

    static func == (left: RunCard, right: RunCard) -> Bool {
        left.id == right.id && left.started == right.started && left.context == right.context
    }

    /// The card in the list of runs.
    ///
    /// - Throws: ``SiteGenError/template(file:line:reason:)`` for a mistake in the card's template.
    func markup(in library: TemplateLibrary) throws(SiteGenError) -> String {
        try drawn.markup(of: context, with: PageRenderer.cardTemplate, in: library)
    }

    /// What stands for a run that logs no loss.
    private static func firstCurve(of report: RunReport) -> SeriesReport? {
        report.series.first { $0.last != nil && !MetricName($0.name).isBookkeeping }
    }

    private static func sparkline(_ loss: SeriesReport) -> String {
        String(decoding: Sparkline.svg(loss, slot: PaletteSlot(colour: 0, dash: 0)), as: UTF8.self)
    }

    private static func progress(of report: RunReport) -> TemplateContext? {
        guard let fraction = report.progress.fraction else { return nil }
        let isRunning = report.status == .running
        let remaining =
            isRunning ? report.progress.etaSeconds.map { NumberFormat.duration(seconds: $0) } : nil
        return [
            .perMille: .text(String(Int(fraction * 1000))),
            .percent: .text(OverviewBlock.wholePercent(fraction)),
            .remaining: .optional(remaining),
            .eta: .optional(isRunning ? OverviewBlock.finish(of: report).map(Wording.stamp) : nil),
        ]
    }

    /// How far a run without a plan is.
    private static func position(of report: RunReport) -> String {
        guard let step = report.progress.step else { return "no steps yet" }
        return (report.axis == .line ? "line " : "step ") + Wording.step(step)
    }

    private static func stats(of report: RunReport, _ known: KnownSeries) -> [TemplateContext] {
        let best = report.evaluations.compactMap(\.wordErrorRate).filter(\.isFinite).min()
        let epoch = report.progress.passedEpochs.map { epoch in
            Wording.epoch(epoch) + (report.progress.totalEpochs.map { " of \(Wording.epoch($0))" } ?? "")
        }
        let isRunning = report.status == .running
        let speed = report.progress.stepsPerSecond.map { NumberFormat.text($0, significantDigits: 3) }
        let gpu = KnownSeries.share(known.gpuUtilisation).map(OverviewBlock.wholePercent)
        let stats: [(key: String, label: String, value: String?)] = [
            ("loss", "Loss", known.loss?.last.map { NumberFormat.value($0.y) }),
            ("wer", "Best WER", best.map { Wording.percent($0) }),
            ("epoch", "Epoch", epoch),
            ("speed", "Steps/s", isRunning ? speed : nil),
            ("gpu", "GPU", isRunning ? gpu : nil),
        ]
        return stats.compactMap { key, label, value in
            value.map { [.key: .text(key), .label: .text(label), .value: .text($0)] }
        }
    }
}

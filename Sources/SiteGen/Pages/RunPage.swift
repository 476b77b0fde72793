/// `runs/<id>/index.html`: everything about one run, in the order people ask for it.
struct RunPage {
    let report: RunReport
    let site: SiteContext

    var context: TemplateContext {
        var context = PageFrame(
            site: site,
            page: .run,
            title: Wording.shortened(report.name, to: TextLimit.name),
            root: "../../",
            runID: report.id
        ).context
        let known = KnownSeries(report)
        context = context.merging(RunHeadBlock(report: report).context)
        context = context.merging(HealthBlock(report: report).context)
        context[.collected] = .optional(
            CollectorBlock.context(site.collector?.part(ofRun: report.id), of: report)
        )
        context[.overview] = .optional(OverviewBlock(report: report, known: known).context)
        context[.isWaiting] = .flag(report.status == .waiting && report.series.isEmpty)
        let (emptyTitle, emptyText) = waiting
        context[.emptyTitle] = .text(emptyTitle)
        context[.emptyText] = .text(emptyText)
        context[.chartGroups] = .optional(ChartsBlock(report: report).context)
        context[.evaluations] = .optional(EvaluationsBlock(rows: report.evaluations).context)
        context[.epochs] = .optional(EpochsBlock(rows: report.epochs).context)
        context[.checkpoints] = .optional(CheckpointsBlock(rows: report.checkpoints).context)
        context[.backups] = .optional(BackupsBlock(rows: report.backups).context)
        context[.samples] = .optional(SamplesBlock(report: report).context)
        context[.messages] = .optional(MessagesBlock(rows: report.messages).context)
        context[.configuration] = .optional(ConfigurationBlock(entries: report.configuration).context)
        context[.sections] = .optional(contents(of: context))
        return context
    }

    /// What a page without a curve says.
    private var waiting: (title: String, text: String) {
        let problems = report.problems
        if let failure = problems.failures.first {
            return ("The log cannot be read", Wording.shortened(failure, to: TextLimit.text))
        }
        guard problems.badLineCount > 0 else {
            return (
                "Waiting for the first line",
                "The log \(report.logPath) has nothing to show yet. This page fills as soon as a metric is "
                    + "written to it."
            )
        }
        let lines = Wording.count(problems.badLineCount, "line")
        let example = problems.examples.first.map { " The first: \($0)" } ?? ""
        return (
            "No line could be read",
            Wording.shortened(
                "\(report.logPath) has \(lines), none with a metric.\(example)",
                to: TextLimit.text
            )
        )
    }

    /// Links to the sections this page has; none where there is little to jump over.
    private func contents(of context: TemplateContext) -> TemplateContext? {
        let sections: [(TemplateName, anchor: String, label: String)] = [
            (.chartGroups, "charts", "Curves"), (.evaluations, "evaluations", "Word error rate"),
            (.epochs, "epochs", "Epochs"), (.checkpoints, "checkpoints", "Checkpoints"),
            (.backups, "backups", "Backups"), (.samples, "samples", "Samples"),
            (.messages, "messages", "Notes and alerts"), (.configuration, "configuration", "Configuration"),
        ]
        let present = sections.filter { context[$0.0] != .absent }
        guard present.count > 1 else { return nil }
        let entries = present.map { TemplateContext.entry(anchor: $0.anchor, label: $0.label) }
        return [.entries: .list(entries + [.entry(anchor: "health", label: "The log")])]
    }
}

extension TemplateContext {
    fileprivate static func entry(anchor: String, label: String) -> TemplateContext {
        [.anchor: .text(anchor), .label: .text(label)]
    }
}

/// The head of a run's page: who it is, what it is doing, and what deserves attention.
struct RunHeadBlock {
    let report: RunReport

    var context: TemplateContext {
        let badge = StatusBadge(report)
        let tags = report.tags.prefix(20).map { Wording.shortened($0, to: TextLimit.name) }
        let head: TemplateContext = [
            .name: .text(Wording.shortened(report.name, to: TextLimit.name)),
            .facts: .texts(Self.facts(of: report)),
            .startedMarkup: Wording.optionalTime(report.started),
            .updatedMarkup: Wording.optionalTime(report.lastUpdate, isRelative: true),
            .hasTags: .flag(!tags.isEmpty),
            .tags: .texts(tags),
            .notice: .optional(badge.notice),
            .notes: .optional(Wording.shortened(report.notes, to: TextLimit.text)),
        ]
        return head.merging(badge.context)
    }

    /// Where and with what the run was made, as short words.
    static func facts(of report: RunReport) -> [String] {
        let machine = [report.hostName, report.gpuName].compactMap(\.self).filter { !$0.isEmpty }
        return [report.stage, report.engine, machine.joined(separator: ", ")].compactMap(\.self)
            .filter { !$0.isEmpty }
            .map { Wording.shortened($0, to: TextLimit.name) }
    }
}

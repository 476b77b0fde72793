/// The history of error rates, newest first, and what the model heard last.
struct EvaluationsBlock {
    let rows: [EvaluationRow]

    /// Rows a table shows; a history of thousands is a curve, not a table.
    static let maximumRows = 200
    private static let maximumTranscripts = 8

    var context: TemplateContext? {
        guard !rows.isEmpty else { return nil }
        let best = rows.indices.filter { rows[$0].wordErrorRate?.isFinite ?? false }
            .min { (rows[$0].wordErrorRate ?? .infinity) < (rows[$1].wordErrorRate ?? .infinity) }
        let shown = rows.indices.reversed().prefix(Self.maximumRows)
        return [
            .caption: .text(Wording.caption(shown: shown.count, of: rows.count, "evaluation")),
            .rows: .list(shown.map { context(of: rows[$0], isBest: $0 == best && rows.count > 1) }),
            .transcripts: .optional(transcripts),
        ]
    }

    private func context(of row: EvaluationRow, isBest: Bool) -> TemplateContext {
        [
            .step: .text(Wording.step(row.step)), .epoch: .text(Wording.epoch(row.epoch)),
            .wer: .text(Wording.percent(row.wordErrorRate)),
            .cer: .text(Wording.percent(row.characterErrorRate)),
            .timeMarkup: .markup(Wording.time(row.time)), .isBest: .flag(isBest),
        ]
    }

    private var transcripts: TemplateContext? {
        guard let row = rows.last(where: { !$0.transcripts.isEmpty }) else { return nil }
        let position =
            row.step.map { "step \(Wording.step($0))" } ?? row.epoch.map { "epoch \(Wording.epoch($0))" }
            ?? "the newest evaluation"
        let shown = row.transcripts.prefix(Self.maximumTranscripts)
        let rest = row.transcripts.count - shown.count
        return [
            .position: .text(position),
            .rows: .list(
                shown.map { transcript in
                    [
                        .reference: .text(Self.said(transcript.reference)),
                        .hypothesis: .text(Self.said(transcript.hypothesis)),
                    ]
                }
            ),
            .more: .optional(rest > 0 ? "\(Wording.count(rest, "more transcript")) in the JSON data." : nil),
        ]
    }

    private static func said(_ text: String) -> String {
        text.isEmpty ? "(nothing)" : Wording.shortened(text, to: TextLimit.text)
    }
}

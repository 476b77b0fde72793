/// What the trainer said in words: alerts, notes and changes of status, newest first.
struct MessagesBlock {
    let rows: [MessageRow]

    private static let maximumRows = 100

    var context: TemplateContext? {
        guard !rows.isEmpty else { return nil }
        let shown = rows.reversed().prefix(Self.maximumRows)
        let rest = rows.count - shown.count
        return [
            .more: .optional(
                rest > 0 ? Wording.caption(shown: shown.count, of: rows.count, "message") : nil
            ),
            .rows: .list(shown.map(context)),
        ]
    }

    private func context(of row: MessageRow) -> TemplateContext {
        let level = Wording.shortened(row.level, to: 40)
        let text = row.text.isEmpty && row.title.isEmpty ? level : row.text
        return [
            .kind: .text(row.kind == .status ? level : row.kind.rawValue),
            .level: .text(level),
            .title: .optional(Wording.shortened(row.title, to: TextLimit.name)),
            .text: .text(
                Wording.shortened(text == level && row.kind == .status ? "" : text, to: TextLimit.text)
            ),
            .position: .optional(row.step.map { "step \(Wording.step($0))" }),
            .timeMarkup: Wording.optionalTime(row.time),
        ]
    }
}

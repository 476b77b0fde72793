/// What was carried to safety and when, newest first.
struct BackupsBlock {
    let rows: [BackupRow]

    private static let maximumRows = 100

    var context: TemplateContext? {
        guard !rows.isEmpty else { return nil }
        let shown = rows.reversed().prefix(Self.maximumRows)
        let failed = rows.count { !$0.succeeded }
        let caption = Wording.caption(shown: shown.count, of: rows.count, "backup")
        return [
            .caption: .text(failed > 0 ? "\(caption), \(Wording.grouped(failed)) failed" : caption),
            .rows: .list(shown.map(context)),
        ]
    }

    private func context(of row: BackupRow) -> TemplateContext {
        [
            .path: .text(Wording.shortened(row.path, to: TextLimit.value)),
            .destination: .text(Wording.shortened(row.destination, to: TextLimit.value)),
            .outcome: .text(row.succeeded ? "done" : "failed"),
            .message: .optional(Wording.shortened(row.message, to: TextLimit.value)),
            .size: .text(Wording.bytes(row.bytes)), .duration: .text(Wording.duration(row.seconds)),
            .timeMarkup: .markup(Wording.time(row.time)),
        ]
    }
}

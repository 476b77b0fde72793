/// The saved checkpoints, newest first, and whether each is safe elsewhere.
struct CheckpointsBlock {
    let rows: [CheckpointRow]

    private static let maximumRows = 100

    var context: TemplateContext? {
        guard !rows.isEmpty else { return nil }
        let shown = rows.reversed().prefix(Self.maximumRows)
        return [
            .caption: .text(Wording.caption(shown: shown.count, of: rows.count, "checkpoint")),
            .rows: .list(shown.map(context)),
        ]
    }

    private func context(of row: CheckpointRow) -> TemplateContext {
        let hash = row.sha256.map { Wording.shortened($0, to: 128) }
        return [
            .path: .text(Wording.shortened(row.path, to: TextLimit.value)),
            .kind: .text(Wording.shortened(row.kind, to: 40)),
            .step: .text(Wording.step(row.step)), .size: .text(Wording.bytes(row.bytes)),
            .sha256: .optional(hash), .hashShort: .optional(hash.map { Wording.shortened($0, to: 12) }),
            .timeMarkup: .markup(Wording.time(row.time)),
            .backedUpMarkup: Wording.optionalTime(row.backedUp),
        ]
    }
}

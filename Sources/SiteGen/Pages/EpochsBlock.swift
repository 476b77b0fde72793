/// The table of epochs, newest first.
struct EpochsBlock {
    let rows: [EpochRow]

    private static let maximumRows = 200

    var context: TemplateContext? {
        guard !rows.isEmpty else { return nil }
        let best = rows.indices.filter { rows[$0].averageLoss?.isFinite ?? false }
            .min { (rows[$0].averageLoss ?? .infinity) < (rows[$1].averageLoss ?? .infinity) }
        let shown = rows.indices.reversed().prefix(Self.maximumRows)
        return [
            .caption: .text(Wording.caption(shown: shown.count, of: rows.count, "epoch")),
            .rows: .list(shown.map { context(of: rows[$0], isBest: $0 == best && rows.count > 1) }),
        ]
    }

    private func context(of row: EpochRow, isBest: Bool) -> TemplateContext {
        [
            .epoch: .text(Wording.epoch(row.epoch)), .averageLoss: .text(Wording.value(row.averageLoss)),
            .ctcLoss: .text(Wording.value(row.ctcLoss)), .ceLoss: .text(Wording.value(row.ceLoss)),
            .learningRate: .text(row.learningRate.map(NumberFormat.learningRate) ?? Wording.missing),
            .wer: .text(Wording.percent(row.wordErrorRate)),
            .duration: .text(Wording.duration(row.durationSeconds)),
            .timeMarkup: .markup(Wording.time(row.time)), .isBest: .flag(isBest),
        ]
    }
}

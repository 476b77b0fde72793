/// What the run was configured with: short lists are open, long ones folded.
struct ConfigurationBlock {
    let entries: [ConfigurationEntry]

    private static let maximumRows = 400
    private static let openUpTo = 16

    var context: TemplateContext? {
        guard !entries.isEmpty else { return nil }
        let shown = entries.prefix(Self.maximumRows)
        let caption =
            shown.count < entries.count
            ? "The first \(Wording.grouped(shown.count)) of \(Wording.count(entries.count, "setting"))"
            : Wording.count(entries.count, "setting")
        return [
            .caption: .text(caption), .isOpen: .flag(entries.count <= Self.openUpTo),
            .rows: .list(
                shown.map { entry in
                    [
                        .key: .text(Wording.shortened(entry.key, to: TextLimit.name)),
                        .value: .text(Wording.shortened(entry.value, to: TextLimit.value)),
                    ]
                }
            ),
        ]
    }
}

/// The settings in which runs differ, one column a run.
struct ConfigurationDifferences {
    let runs: [RunReport]

    private static let maximumRows = 150

    init(runs: some Sequence<RunReport>) { self.runs = Array(runs) }

    /// The table.
    ///
    /// - Parameter colour: the classes of a run's colour.
    /// - Returns: nil where there is nothing to compare.
    func context(colour: (RunReport) -> String) -> TemplateContext? {
        let configured = runs.filter { !$0.configuration.isEmpty }
        guard configured.count > 1 else { return nil }
        let settings = configured.map { run in
            Dictionary(run.configuration.map { ($0.key, $0.value) }) { _, newest in newest }
        }
        let keys = Set(settings.flatMap(\.keys)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let differing = keys.filter { key in settings.contains { $0[key] != settings[0][key] } }
        guard !differing.isEmpty else { return nil }
        let shown = differing.prefix(Self.maximumRows)
        let alike = keys.count - differing.count
        let caption =
            shown.count < differing.count
            ? "The first \(Wording.grouped(shown.count)) of \(Wording.count(differing.count, "setting"))"
            : Wording.count(differing.count, "setting")
        return [
            .caption: .text(
                "\(caption) \(shown.count == 1 ? "differs" : "differ"); the same everywhere: \(Wording.grouped(alike))."
            ),
            .columns: .list(
                configured.map { run in
                    [
                        .name: .text(Wording.shortened(run.name, to: TextLimit.name)),
                        .color: .text(colour(run)),
                    ]
                }
            ),
            .rows: .list(
                shown.map { key in
                    [
                        .key: .text(Wording.shortened(key, to: TextLimit.name)),
                        .cells: .list(
                            settings.map { settings in
                                [
                                    .value: .optional(
                                        settings[key].map { Wording.shortened($0, to: TextLimit.value) }
                                    )
                                ]
                            }
                        ),
                    ]
                }
            ),
        ]
    }
}

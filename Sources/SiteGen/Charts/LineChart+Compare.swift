extension LineChart {
    /// One metric of several runs in one chart.
    ///
    /// Every run keeps its colour in all charts of a page, whether or not it has the metric; runs without it
    /// are left out. Runs whose log does not tell enough for the wanted axis are left out too, since their
    /// points would lie elsewhere on it than they claim.
    ///
    /// - Parameters:
    ///   - metric: The series' name.
    ///   - title: The heading.
    ///   - runs: All runs of the page, in its order.
    ///   - axis: What `x` counts.
    ///   - slots: The runs' colours by their ids; by their order where nil.
    ///   - size: In nominal pixels.
    ///   - csvPath: The address of a series' CSV, relative to the page.
    /// - Returns: nil where no run has the metric on that axis.
    static func comparing(
        _ metric: String,
        title: String,
        of runs: [RunReport],
        axis: XAxis = .step,
        slots: [String: PaletteSlot]? = nil,
        size: Size = .normal,
        csvPath: (_ runID: String, _ slug: String) -> String? = { _, _ in nil }
    ) -> LineChart? {
        let slug = SeriesSlug.slug(for: metric)
        let ids = runs.map(\.id)
        let slots = slots ?? Dictionary(zip(ids, Palette.slots(for: ids))) { first, _ in first }
        let series = runs.compactMap { run -> ChartSeries? in
            guard let report = run.series(named: metric), let slot = slots[run.id] else { return nil }
            let mapping =
                axis == run.axis ? nil : AxisMapping(run.axisKnots, from: run.axis, to: axis)
            guard axis == run.axis || mapping != nil else { return nil }
            return ChartSeries(
                report,
                runID: run.id,
                label: run.name,
                slot: slot,
                ownAxis: run.axis,
                mapping: mapping,
                csvPath: csvPath(run.id, slug)
            )
        }
        if series.isEmpty { return nil }
        let role = ChartPlan.charts(for: [ChartPlan.Candidate(name: metric)]).first?.role ?? .other
        return LineChart(id: slug, title: title, role: role, axis: axis, series: series, size: size)
    }
}

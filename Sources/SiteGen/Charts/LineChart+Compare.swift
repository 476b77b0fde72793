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
    ///   - csvPath: The address of a series' CSV, relative to the page.
    /// - Returns: nil where no run has the metric on that axis.
    static func comparing(
        _ metric: String,
        title: String,
        of runs: [RunReport],
        axis: XAxis = .step,
        csvPath: (_ runID: String, _ slug: String) -> String? = { _, _ in nil }
    ) -> LineChart? {
        let slug = SeriesSlug.slug(for: metric)
        let slots = Palette.slots(for: runs.map(\.id))
        let series = zip(runs, slots).compactMap { run, slot -> ChartSeries? in
            guard let report = run.series(named: metric),
                let mapping = AxisMapping(run.axisKnots, from: run.axis, to: axis)
            else { return nil }
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
        return LineChart(id: slug, title: title, role: role, axis: axis, series: series)
    }
}

/// The series that have a place of their own on the pages, whatever the trainer calls them.
struct KnownSeries {
    /// The training loss, or whichever loss comes nearest to it.
    let loss: SeriesReport?
    let learningRate: SeriesReport?
    /// In percent of the GPU's time.
    let gpuUtilisation: SeriesReport?
    let gpuMemory: SeriesReport?

    init(_ report: RunReport) {
        let known = KnownMetric.series(of: report).filter { $1.last != nil }
        loss =
            known[.loss] ?? known[.ctcLoss] ?? known[.ceLoss] ?? known[.validationLoss]
            ?? report.series.first { $0.last != nil && MetricName($0.name).family.last == "loss" }
        learningRate = known[.learningRate]
        gpuUtilisation = known[.gpuUtilisation]
        gpuMemory = known[.gpuMemory]
    }

    /// A utilisation as a share 0…1; logs count in percent, some in shares.
    static func share(_ series: SeriesReport?) -> Double? {
        guard let last = series?.last?.y, let top = series?.maximum?.y else { return nil }
        return min(1, max(0, top <= 1 ? last : last / 100))
    }
}

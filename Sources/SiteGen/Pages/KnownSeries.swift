/// The series that have a place of their own on the pages, whatever the trainer calls them.
struct KnownSeries {
    /// The training loss, or the first loss there is.
    let loss: SeriesReport?
    let learningRate: SeriesReport?
    /// In percent of the GPU's time.
    let gpuUtilisation: SeriesReport?
    let gpuMemory: SeriesReport?

    init(_ report: RunReport) {
        var loss: (rank: Int, series: SeriesReport)?
        var learningRate: SeriesReport?
        var gpuUtilisation: SeriesReport?
        var gpuMemory: SeriesReport?
        for series in report.series where series.last != nil {
            let name = MetricName(series.name)
            if let rank = Self.lossRank(name), rank < loss?.rank ?? .max { loss = (rank, series) }
            if name.isLearningRate { learningRate = learningRate ?? series }
            if name.isGPUMemory {
                gpuMemory = gpuMemory ?? series
            } else if name.isGPUUtilisation {
                gpuUtilisation = gpuUtilisation ?? series
            }
        }
        self.loss = loss?.series
        self.learningRate = learningRate
        self.gpuUtilisation = gpuUtilisation
        self.gpuMemory = gpuMemory
    }

    /// How well a name fits "the loss": the total before its parts, training before validation.
    private static func lossRank(_ name: MetricName) -> Int? {
        guard name.isMainLoss || name.family.last == "loss" else { return nil }
        let isTotal = name.isMainLoss && name.fixedColour.map { $0 == 0 || $0 == 3 } ?? false
        return (isTotal ? 0 : name.isMainLoss ? 2 : 4) + (name.isValidation ? 1 : 0)
    }

    /// A utilisation as a share 0…1; logs count in percent, some in shares.
    static func share(_ series: SeriesReport?) -> Double? {
        guard let last = series?.last?.y, let top = series?.maximum?.y else { return nil }
        return min(1, max(0, top <= 1 ? last : last / 100))
    }
}

/// How large a batch may be.
public struct BatchLimits: Sendable, Hashable {
    /// No batch has more utterances.
    public var maximumCount: Int
    /// No batch is longer, the silence that fills up shorter utterances included; one utterance may be, alone.
    public var maximumSeconds: Double

    /// - Parameters:
    ///   - maximumCount: no batch has more utterances.
    ///   - maximumSeconds: no batch is longer, padding included.
    public init(maximumCount: Int, maximumSeconds: Double = .infinity) {
        self.maximumCount = max(1, maximumCount)
        self.maximumSeconds = maximumSeconds
    }

    /// The limits of a configuration.
    ///
    /// - Parameter configuration: `training.batch_size` and `data.max_batch_seconds`.
    public init(_ configuration: TrainingConfiguration) {
        let count = configuration.training.batchSize
        let seconds = configuration.data.maximumBatchSeconds
        self.init(
            maximumCount: count,
            maximumSeconds: seconds ?? Double(count) * configuration.data.maximumSeconds
        )
    }
}

/// Prepares batches on other threads while the model learns from earlier ones.
public struct BatchLoader: Sendable {
    private let corpus: Corpus
    private let maximumSeconds: Double
    private let workerCount: Int
    private let features: FeatureCache?
    private let encode: @Sendable (String) -> [Int32]

    /// A loader of one corpus.
    ///
    /// - Parameters:
    ///   - corpus: all utterances.
    ///   - maximumSeconds: a recording that turns out to be longer is left out.
    ///   - workerCount: how many batches are prepared, or wait to be used, at once.
    ///   - features: where features were kept; recordings of which they are there are not decoded.
    ///   - encode: the tokens of a normalised text, without special ones; called from any thread.
    public init(
        _ corpus: Corpus,
        maximumSeconds: Double,
        workerCount: Int = 4,
        features: FeatureCache? = nil,
        encode: @escaping @Sendable (String) -> [Int32]
    ) {
        self.corpus = corpus
        self.maximumSeconds = maximumSeconds
        self.workerCount = max(1, workerCount)
        self.features = features
        self.encode = encode
    }

    /// Calls `body` with the batches of a plan, in its order.
    ///
    /// What `body` throws, or cancelling the task, ends the preparation, too: no thread goes on when this returns.
    ///
    /// - Parameters:
    ///   - plan: of the same corpus.
    ///   - first: the position to begin at.
    ///   - body: asks for one batch after the other; may stop anywhere.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or `CancellationError`.
    public func withBatches<Result>(
        of plan: BatchPlan,
        from first: Int = 0,
        _ body: (inout BatchSequence) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: PreparedBatch.self) { group in
            var sequence = BatchSequence(self, plan, from: first, group, lookAhead: workerCount)
            defer { group.cancelAll() }
            return try await body(&sequence)
        }
    }

    /// The same for a part of the corpus.
    func with(_ part: Corpus) -> BatchLoader {
        BatchLoader(
            part,
            maximumSeconds: maximumSeconds,
            workerCount: workerCount,
            features: features,
            encode: encode
        )
    }

    /// Reads the utterances of one batch.
    func prepare(_ entries: [BatchPlan.Entry], position: Int, epoch: Int) throws -> PreparedBatch {
        var items: [TrainingBatch.Item] = []
        var kept: [(row: Int, features: FeatureCache.Features)] = []
        var sounds: [(row: Int, samples: [Float])] = []
        var unread: [UnreadRecording] = []
        for entry in entries {
            try Task.checkCancellation()
            guard let utterance = utterance(entry) else { continue }
            let percent = entry.speedPercent
            if let found = features?.find(utterance, speedPercent: percent) {
                kept.append((items.count, found))
            } else {
                switch WaveformReader.read(utterance, speedPercent: percent, maximumSeconds: maximumSeconds) {
                case .success(let samples): sounds.append((items.count, samples))
                case .failure(let fault):
                    unread.append(
                        UnreadRecording(
                            path: utterance.audioPath,
                            reason: fault.reason,
                            example: fault.example
                        )
                    )
                    continue
                }
            }
            items.append(item(utterance, entry))
        }
        guard !items.isEmpty else { return PreparedBatch(position: position, batch: nil, unread: unread) }
        let batch = TrainingBatch(
            position: position,
            epoch: epoch,
            items: items,
            waveforms: TrainingBatch.Waveforms(padding: sounds),
            features: kept.isEmpty ? nil : try PaddedFeatures(kept.map(\.features), rows: kept.map(\.row))
        )
        return PreparedBatch(position: position, batch: batch, unread: unread)
    }

    private func utterance(_ entry: BatchPlan.Entry) -> Utterance? {
        corpus.utterances.indices.contains(entry.index) ? corpus.utterances[entry.index] : nil
    }

    private func item(_ utterance: Utterance, _ entry: BatchPlan.Entry) -> TrainingBatch.Item {
        TrainingBatch.Item(
            utterance: utterance,
            speedPercent: entry.speedPercent,
            targets: encode(utterance.text)
        )
    }
}

/// What a worker hands over.
struct PreparedBatch: Sendable {
    let position: Int
    /// Nil where no utterance of it could be read.
    let batch: TrainingBatch?
    /// What of it could not be read.
    let unread: [UnreadRecording]
}

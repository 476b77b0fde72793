import TensorCore

/// The front end's features of batches: computed, or kept from an earlier epoch.
struct BatchFeatures: Sendable {
    let model: VoxFormer
    /// Nil where features are not kept.
    let cache: FeatureCache?

    /// The features of all utterances of a batch.
    ///
    /// Where features are kept, every utterance is listened to alone and its features are rounded as the file will have
    /// them: what comes of it does not depend on what was kept before, so a run that was killed and goes on has the same
    /// losses as one that was not.
    ///
    /// - Parameter batch: what was loaded.
    /// - Returns: features, padded to the longest.
    /// - Throws: ``TensorError``, or ``TrainerError/featureCache(path:reason:)``.
    func callAsFunction(_ batch: TrainingBatch) throws -> FrontEndFeatures {
        guard let cache else {
            guard let waveforms = batch.waveforms else { return FrontEndFeatures(layers: [], lengths: []) }
            let sound = try Tensor(waveforms.samples, [waveforms.rows.count, waveforms.sampleCount])
            return try model.listen(sound, lengths: waveforms.sampleCounts)
        }
        var rows: [(row: Int, layers: [Tensor], frameCount: Int)] = []
        if let kept = batch.features { rows += try Self.rows(kept) }
        if let waveforms = batch.waveforms {
            for (index, row) in waveforms.rows.enumerated() {
                let start = index * waveforms.sampleCount
                let samples = Array(waveforms.samples[start..<start + waveforms.sampleCounts[index]])
                let layers = try withoutGradients {
                    try model.listen(Tensor(samples, [1, samples.count]), lengths: nil).layers
                        .map { try $0.converted(to: .float16).converted(to: .float32) }
                }
                let frameCount = layers.first?.shape[1] ?? 0
                let item = batch.items[row]
                try cache.store(
                    layers.flatMap { try $0.floats() },
                    shape: [layers.count, frameCount, layers.first?.shape[2] ?? 0],
                    for: item.utterance,
                    speedPercent: item.speedPercent
                )
                rows.append((row, layers, frameCount))
            }
        }
        return try Self.padded(rows.sorted { $0.row < $1.row })
    }

    /// Kept features of single utterances, as tensors.
    private static func rows(
        _ kept: PaddedFeatures
    ) throws -> [(row: Int, layers: [Tensor], frameCount: Int)] {
        let all = try Tensor(kept.values, Shape(kept.shape))
        return try kept.rows.enumerated().map { index, row in
            let frameCount = kept.frameCounts[index]
            let utterance = try all.sliced(axis: 0, index..<index + 1)
                .reshaped(to: Shape(Array(kept.shape.dropFirst())))
            let layers = try (0..<kept.shape[1]).map { layer in
                try utterance.sliced(axis: 0, layer..<layer + 1).sliced(axis: 1, 0..<frameCount)
            }
            return (row, layers, frameCount)
        }
    }

    private static func padded(
        _ rows: [(row: Int, layers: [Tensor], frameCount: Int)]
    ) throws -> FrontEndFeatures {
        let longest = rows.map(\.frameCount).max() ?? 0
        let layerCount = rows.first?.layers.count ?? 0
        let layers = try (0..<layerCount).map { layer in
            try Tensor.concatenated(
                rows.map { row in
                    let x = row.layers[layer]
                    guard row.frameCount < longest else { return x }
                    let padding = try Tensor.zeros([1, longest - row.frameCount, x.shape[2]])
                    return try Tensor.concatenated([x, padding], axis: 1)
                },
                axis: 0
            )
        }
        return FrontEndFeatures(layers: layers, lengths: rows.map(\.frameCount))
    }
}

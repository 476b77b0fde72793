import TensorCore

@testable import Trainer

/// The fixtures' model and batches.
enum TinyVoxFormer {
    static func configuration(growsMasks: Bool = false) -> VoxFormer.Configuration {
        VoxFormer.Configuration(
            wavLM: WavLMTests.tiny(.base),
            encoder: EncoderSizes(
                width: 32,
                headCount: 4,
                layersPerBlock: 1,
                innerWidth: 64,
                compatibility: Compatibility(growsMasks: growsMasks, convolvesPadding: true)
            ),
            decoder: DecoderSizes(
                vocabularySize: 50,
                width: 32,
                headCount: 4,
                layerCount: 2,
                innerWidth: 64
            )
        )
    }

    static func model(growsMasks: Bool = false) throws -> VoxFormer {
        try VoxFormer(
            .loading(GoldenFile.checkpoint("full_tiny.weights")),
            configuration(growsMasks: growsMasks)
        )
    }

    /// The model that was fitted to the fixtures' three utterances.
    static func fittedModel() throws -> VoxFormer {
        let source = FittedSource(
            fitted: try GoldenFile.checkpoint("decode_tiny.trained_weights"),
            front: try GoldenFile.checkpoint("full_tiny.weights")
        )
        return try VoxFormer(.loading(source), configuration())
    }

    /// The waveform of a file, its lengths, and the texts without bounds.
    static func batch(_ file: GoldenFile) throws -> (waveform: Tensor, lengths: [Int], tokens: TokenBatch) {
        let ids = try file.tensor("in.target_ids")
        let values = try ids.floats().map { Int32($0) }
        let width = ids.shape[1]
        // With bounds: the end is the last, the beginning does not count.
        let lengths = try file.tensor("in.target_lengths").floats().map { Int($0) }
        let texts = lengths.enumerated().map { row, length in
            Array(values[row * width + 1..<row * width + length])
        }
        return (
            try file.tensor("in.waveform"),
            try file.tensor("in.waveform_lengths").floats().map { Int($0) },
            TokenBatch(texts)
        )
    }

    private struct FittedSource: ParameterSource {
        let fitted: Checkpoint
        let front: Checkpoint
        var names: [String] { fitted.names + front.names.filter { $0.hasPrefix("frontend.wavlm.") } }
        private func file(_ name: String) -> Checkpoint {
            name.hasPrefix("frontend.wavlm.") ? front : fitted
        }
        func shape(of name: String) -> Shape? { file(name).shape(of: name) }
        func tensor(_ name: String) throws(TensorError) -> Tensor { try file(name).tensor(name) }
    }
}

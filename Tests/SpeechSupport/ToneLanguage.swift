import Audio
import Foundation
public import TestSupport

/// A language that can be learnt in seconds: every word is a tone, and sentences are tones in a row.
public struct ToneLanguage {
    /// Where everything is.
    public let folder: TemporaryDirectory
    private static let words: [(text: String, frequencyHz: Double)] = [
        ("low", 300), ("mid", 700), ("high", 1500), ("top", 3000),
    ]

    /// Writes both corpora, and the description of a front end.
    ///
    /// - Parameters:
    ///   - trainingCount: how many sentences are learnt from.
    ///   - evaluationCount: how many are measured with.
    /// - Throws: where a file cannot be written.
    public init(trainingCount: Int = 24, evaluationCount: Int = 6) throws {
        folder = try TemporaryDirectory()
        var random = SeededRandom(seed: 3)
        try Self.write(trainingCount, "train", folder, &random)
        try Self.write(evaluationCount, "dev", folder, &random)
        try folder.write(
            """
            {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
             "conv_dim": [32, 32, 32, 32, 32, 32, 32], "num_conv_pos_embeddings": 8,
             "num_conv_pos_embedding_groups": 4, "num_buckets": 16, "max_bucket_distance": 40,
             "do_stable_layer_norm": true, "feat_extract_norm": "layer"}
            """,
            to: "front/config.json"
        )
    }

    private static func write(
        _ count: Int,
        _ part: String,
        _ folder: TemporaryDirectory,
        _ random: inout SeededRandom
    ) throws {
        for number in 0..<count {
            let said = (0..<Int.random(in: 2...4, using: &random)).map { _ in
                words[Int.random(in: 0..<words.count, using: &random)]
            }
            let samples = said.flatMap { word in
                // A rest between words, as equal neighbours would be one.
                (0..<3200).map { index -> Float in
                    index > 2600 ? 0 : 0.3 * Float(sin(2 * .pi * word.frequencyHz * Double(index) / 16_000))
                }
            }
            let id = "1-1-\(number < 10 ? "0" : "")\(number)"
            let sound = AudioSignal(samples: samples, sampleRateHz: 16_000)
            try folder.write(try AudioWriter.encode(sound, as: .flac16), to: "\(part)/1/1/\(id).flac")
            let text = said.map(\.text).joined(separator: " ").uppercased()
            try folder.append("\(id) \(text)\n", to: "\(part)/1/1/1-1.trans.txt")
        }
    }

    /// Where the tokenizer belongs, of ``vocabularySize`` pieces.
    public var tokenizer: String { "\(folder.path)/tone.model" }

    /// How many pieces the tokenizer has.
    public static let vocabularySize = 20

    /// A configuration of a small model.
    public var configuration: String {
        """
        model:
          d_model: 32
          vocab_size: \(Self.vocabularySize)
          encoder_num_heads: 2
          encoder_num_blocks: 2
          encoder_layers_per_block: 1
          decoder_num_heads: 2
          decoder_num_layers: 1
          d_ff: 32
          kernel_size: 5
          dropout: 0.1
          wavlm_model_name: random
          wavlm_path: \(folder.path)/front
        training:
          learning_rate: 5.0e-3
          warmup_steps: 4
          batch_size: 4
          gradient_accumulation_steps: 2
          num_epochs: 3
          log_interval: 1
          save_interval: 2
        data:
          train_data: \(folder.path)/train
          eval_data: \(folder.path)/dev
          num_workers: 2
        evaluation: {beam_size: 2, num_samples: 2}
        tokenizer: {model_path: "\(tokenizer)"}
        """
    }
}

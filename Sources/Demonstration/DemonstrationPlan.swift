import Files

/// The files of the demonstration: a spoken corpus, a tokenizer, the sizes of a small front end, and two stages.
///
/// All of them are ordinary files that people can read, change, and use with `voxsite train` by hand.
public struct DemonstrationPlan: Sendable {
    /// Where everything goes.
    public let folder: String
    /// What is learnt from.
    public let corpus: SpokenCorpus

    /// - Parameters:
    ///   - folder: where everything goes.
    ///   - sizes: how many sentences are said.
    public init(folder: String, sizes: SpokenCorpus.Sizes = SpokenCorpus.Sizes()) {
        self.folder = folder
        corpus = SpokenCorpus(folder: "\(folder)/speech", sizes: sizes)
    }

    /// How many pieces the tokenizer has.
    public static let vocabularySize = 60

    /// The tokenizer's file.
    public var tokenizer: String { "\(folder)/tokenizer.model" }

    /// The configuration of a stage.
    ///
    /// - Parameter stage: `stage1` or `stage2`.
    /// - Returns: its path.
    public func configuration(of stage: String) -> String { "\(folder)/\(stage).yaml" }

    /// The checkpoints of a stage.
    ///
    /// - Parameter stage: `stage1` or `stage2`.
    /// - Returns: their folder.
    public func checkpoints(of stage: String) -> String { "\(folder)/checkpoints/\(stage)" }

    /// The best checkpoint of a stage.
    ///
    /// - Parameter stage: `stage1` or `stage2`.
    /// - Returns: its path.
    public func best(of stage: String) -> String { "\(checkpoints(of: stage))/best.safetensors" }

    /// Writes everything but speech and tokenizer.
    ///
    /// - Parameters:
    ///   - firstEpochs: how often stage 1 goes through the corpus.
    ///   - secondEpochs: how often stage 2 does.
    /// - Throws: ``DemonstrationError/file(path:reason:)``.
    public func write(firstEpochs: Int = 14, secondEpochs: Int = 2) throws(DemonstrationError) {
        try write(Self.frontEnd, to: "\(folder)/front-end/config.json")
        try write(text(of: "stage1", epochs: firstEpochs), to: configuration(of: "stage1"))
        try write(text(of: "stage2", epochs: secondEpochs), to: configuration(of: "stage2"))
    }

    private func write(_ text: String, to path: String) throws(DemonstrationError) {
        do throws(FilesError) {
            try FileSystem.createDirectories(FileSystem.folder(of: path))
            try AtomicFile.write(Array(text.utf8), to: path)
        } catch {
            throw .file(path: path, reason: error.explanation)
        }
    }

    /// A front end of one layer: nobody trained it, and its random convolutions still tell sounds apart.
    private static let frontEnd = """
        {
          "hidden_size": 128, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 256,
          "conv_dim": [256, 256, 256, 256, 256, 256, 256],
          "num_conv_pos_embeddings": 32, "num_conv_pos_embedding_groups": 16,
          "num_buckets": 64, "max_bucket_distance": 200,
          "do_stable_layer_norm": true, "feat_extract_norm": "layer"
        }

        """

    /// A path as YAML takes it, whatever characters are in it but line breaks.
    private static func quoted(_ path: String) -> String { "'\(path.replacing("'", with: "''"))'" }

    private func text(of stage: String, epochs: Int) -> String {
        let isFirst = stage == "stage1"
        let rate = 2e-3
        return """
            # \(isFirst ? "Stage 1: all but the front end learns." : "Stage 2: the front end's top layer learns, too, at a tenth of the rate.")
            # voxsite train --config \(configuration(of: stage))

            model:
              vocab_size: \(Self.vocabularySize)
              d_model: 128
              encoder_num_heads: 4
              encoder_num_blocks: 2
              encoder_layers_per_block: 1
              decoder_num_heads: 4
              decoder_num_layers: 1
              d_ff: 256
              kernel_size: 15
              dropout: 0.05
              wavlm_model_name: random # weights that nobody trained, of the sizes in the folder
              wavlm_path: \(Self.quoted("\(folder)/front-end"))
              freeze_wavlm: true
              unfreeze_top_k: \(isFirst ? 0 : 1)

            training:
              learning_rate: \(isFirst ? rate : rate / 10)
              warmup_steps: \(isFirst ? 50 : 10)
              batch_size: 16
              gradient_accumulation_steps: 1
              num_epochs: \(epochs)
              mixed_precision: false
              checkpoint_dir: \(Self.quoted(checkpoints(of: stage)))
              save_interval: 100
              keep_last_n: 1
              log_interval: 2
            \(isFirst ? "" : "  resume_from: \(Self.quoted(best(of: "stage1")))\n")
            data:
              train_data: \(Self.quoted("\(corpus.folder)/train"))
              eval_data: \(Self.quoted("\(corpus.folder)/dev"))
              max_audio_len: 4.0
              num_workers: 2
            \(isFirst ? "  feature_cache: \(Self.quoted("\(folder)/features")) # of the front end, which does not change\n" : "")
            loss:
              ctc_weight: 0.5
              ce_weight: 0.5

            evaluation:
              beam_size: 2

            tokenizer:
              model_path: \(Self.quoted(tokenizer))

            """
    }
}

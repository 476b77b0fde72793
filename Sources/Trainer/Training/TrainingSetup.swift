import Files
import RunRecords
import TensorCore

/// All that a run works with, made from its configuration.
struct TrainingSetup: Sendable {
    let configuration: TrainingConfiguration
    let tokenizer: Tokenizer
    let tokenizerFile: [UInt8]
    let training: Corpus
    let evaluation: Corpus
    let model: VoxFormer
    let optimizer: AdamW
    let features: FeatureCache?
    /// Where the run is: at its beginning, or where a checkpoint was.
    let state: TrainingState
    /// What the log is told about transcripts that the tokenizer cannot write.
    let remarks: [(key: String, text: String)]

    /// Reads corpora and tokenizer, and makes the model.
    ///
    /// - Parameters:
    ///   - configuration: of the stage.
    ///   - options: what else was asked for.
    ///   - origin: what to begin with.
    ///   - tell: gets sentences for people.
    /// - Returns: everything.
    /// - Throws: ``TrainerError``, ``TensorError``, ``CheckpointFileError``.
    static func make(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions,
        _ origin: TrainingOrigin,
        tell: (String) -> Void
    ) async throws -> TrainingSetup {
        let (tokenizer, file) = try tokenizer(configuration)
        try requireSame(file, origin)
        let (training, strangeInTraining) = try await corpus(
            configuration,
            configuration.data.trainingPaths,
            tokenizer,
            "data.train_data"
        )
        let (evaluation, strangeInEvaluation) = try await corpus(
            configuration,
            configuration.data.evaluationPaths,
            tokenizer,
            "data.eval_data"
        )
        tell(text("Training", training, strangeInTraining))
        tell(text("Evaluation", evaluation, strangeInEvaluation))
        let model = try model(configuration, options, origin)
        try requireLayers(configuration.model, of: model)
        model.freeze(for: VoxFormer.Stage(configuration.model))
        let trained = model.parameters.filter(\.isTrainable)
        tell(
            "Model: \(millions(model.parameters)) million parameters, \(millions(trained)) million of them learn"
        )
        var settings = AdamW.Settings()
        settings.weightDecay = Float(configuration.training.weightDecay)
        let optimizer = try AdamW(model.parameters, settings: settings)
        var state = TrainingState(run: origin.run, stage: options.stage)
        if case .exact(let checkpoint) = origin.kind, let found = checkpoint.state {
            state = found
            state.run = origin.run
            // One whose configuration cannot be read counts as written with this one.
            state.completeBatches(from: (try? checkpoint.configuration()) ?? configuration)
            try restore(optimizer, from: checkpoint)
        }
        if state.setBatches(TrainingState.batches(of: training, configuration)) {
            tell(
                "The recordings, the size of batches, training.seed or data.use_speed_perturbation have changed: epoch "
                    + "\(state.epoch) begins anew"
            )
        }
        return TrainingSetup(
            configuration: configuration,
            tokenizer: tokenizer,
            tokenizerFile: file,
            training: training,
            evaluation: evaluation,
            model: model,
            optimizer: optimizer,
            features: try features(configuration, model, origin, training, evaluation),
            state: state,
            remarks: [("data.train_data", strangeInTraining), ("data.eval_data", strangeInEvaluation)]
                .compactMap { key, text in text.map { (key, $0) } }
        )
    }

    private static func tokenizer(_ configuration: TrainingConfiguration) throws -> (Tokenizer, [UInt8]) {
        guard let path = configuration.tokenizer.modelPath else {
            throw TrainerError.configuration(
                key: "tokenizer.model_path",
                reason:
                    "no tokenizer is given; train one with voxsite tokenizer train, and name its file here"
            )
        }
        guard FileIdentity.find(path) != nil else {
            throw TrainerError.configuration(
                key: "tokenizer.model_path",
                reason: "there is no \(path); voxsite tokenizer train makes one"
            )
        }
        let tokenizer = try Tokenizer(contentsOf: path)
        guard tokenizer.vocabularySize == configuration.model.vocabularySize else {
            throw TrainerError.configuration(
                key: "model.vocab_size",
                reason:
                    "it is \(configuration.model.vocabularySize), and \(path) has \(tokenizer.vocabularySize) tokens; "
                    + "write that number"
            )
        }
        return (tokenizer, try OpenFile.reading(path).readAll(limit: Tokenizer.maximumFileBytes))
    }

    /// Fails where the model of a checkpoint writes with other pieces: all its words would be wrong.
    private static func requireSame(_ file: [UInt8], _ origin: TrainingOrigin) throws {
        let checkpoint: TrainingCheckpoint
        switch origin.kind {
        case .new: return
        case .weights(let found), .exact(let found): checkpoint = found
        }
        guard let own = checkpoint.tokenizerFile, own != file else { return }
        throw TrainerError.checkpoint(
            path: checkpoint.checkpoint.path,
            reason:
                "its model writes with another tokenizer than tokenizer.model_path names; name the one it was "
                + "trained with"
        )
    }

    private static func corpus(
        _ configuration: TrainingConfiguration,
        _ paths: [String],
        _ tokenizer: Tokenizer,
        _ key: String
    ) async throws -> (Corpus, String?) {
        guard !paths.isEmpty else {
            throw TrainerError.configuration(key: key, reason: "it is empty; name a folder or a manifest")
        }
        for path in paths where FileIdentity.find(path) == nil {
            throw TrainerError.configuration(
                key: key,
                reason: "there is no \(path); name a folder in LibriSpeech's form, or a manifest"
            )
        }
        let strange = StrangeCharacters(tokenizer)
        let corpus = try await Corpus.read(
            paths,
            format: configuration.data.format,
            limits: CorpusLimits(configuration.data) { strange.tokenCount($0) },
            workerCount: configuration.data.workerCount
        )
        return (corpus, strange.sentence)
    }

    private static func model(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions,
        _ origin: TrainingOrigin
    ) throws -> VoxFormer {
        let settings = configuration.model
        switch origin.kind {
        case .new:
            let frontEnd = try PretrainedWavLM.find(
                name: settings.wavLMName,
                path: settings.wavLMPath,
                environment: options.environment
            )
            let sizes = VoxFormer.Configuration(settings, frontEnd.configuration)
            try sizes.requireRoom(freeByteCount: FreeMemory.byteCount())
            let seed = UInt64(configuration.training.seed)
            guard let checkpoint = frontEnd.checkpoint else {
                return try VoxFormer(.random(seed: seed), sizes)
            }
            let weights = FrontEndTensors(checkpoint)
            return try VoxFormer(.loading(weights, below: "frontend.wavlm", seed: seed), sizes)
        case .weights(let checkpoint), .exact(let checkpoint):
            // The front end's sizes are those of the file where it tells them; another program's has the published ones.
            let frontEnd =
                try checkpoint.frontEnd
                ?? PretrainedWavLM.find(
                    name: settings.wavLMName,
                    path: settings.wavLMPath,
                    environment: options.environment
                ).configuration
            let sizes = VoxFormer.Configuration(settings, frontEnd)
            try sizes.requireRoom(freeByteCount: FreeMemory.byteCount())
            return try VoxFormer(.loading(checkpoint.modelTensors), sizes)
        }
    }

    /// Fails where more of the front end is to learn than there is.
    private static func requireLayers(_ settings: ModelSettings, of model: VoxFormer) throws(TrainerError) {
        let count = model.configuration.wavLM.layerCount
        guard settings.unfrozenLayerCount > count else { return }
        throw .configuration(
            key: "model.unfreeze_top_k",
            reason: "it is \(settings.unfrozenLayerCount), and the front end has \(count) layers"
        )
    }

    /// Has the optimiser go on where it was.
    private static func restore(_ optimizer: AdamW, from checkpoint: TrainingCheckpoint) throws {
        let path = checkpoint.checkpoint.path
        guard let state = try checkpoint.optimizerState() else {
            throw TrainerError.checkpoint(
                path: path,
                reason:
                    "it has the model alone, as best and final have; go on from the newest step_<N>, or take its "
                    + "weights with --weights-only"
            )
        }
        do {
            try optimizer.restore(state)
        } catch TensorError.parameters(let missing, let extra, let misshapen) {
            throw TrainerError.checkpoint(
                path: path,
                reason:
                    "its optimiser learnt other parameters than are to be learnt now (\(missing.count) are missing, "
                    + "\(extra.count) too many, \(misshapen.count) of another shape); go on with the configuration it "
                    + "was written with, or take its weights with --weights-only"
            )
        }
    }

    private static func features(
        _ configuration: TrainingConfiguration,
        _ model: VoxFormer,
        _ origin: TrainingOrigin,
        _ training: Corpus,
        _ evaluation: Corpus
    ) throws -> FeatureCache? {
        guard let folder = configuration.data.featureCachePath else { return nil }
        let sizes = model.configuration.wavLM
        let cache = try FeatureCache(
            folder: folder,
            model: "\(sizes.text) \(try model.frontEndFingerprint())",
            budgetByteCount: Int(configuration.data.featureCacheGigabytes * 1e9)
        )
        try cache.requireRoom(
            forByteCount: FeatureCache.estimatedByteCount(
                seconds: training.totalSeconds + evaluation.totalSeconds,
                layerCount: sizes.layerCount,
                width: sizes.width,
                variantCount: configuration.data.perturbsSpeed ? 3 : 1
            )
        )
        return cache
    }

    private static func text(_ title: String, _ corpus: Corpus, _ remark: String?) -> String {
        let minutes = (corpus.totalSeconds / 6).rounded() / 10
        let first = "\(title): \(corpus.utterances.count) utterances, \(minutes) minutes"
        return ([first] + corpus.skipped.lines + [remark].compactMap(\.self)).joined(separator: "\n")
    }

    private static func millions(_ parameters: [Parameter]) -> String {
        let count = parameters.reduce(0) { $0 + $1.shape.elementCount }
        return "\((Double(count) / 1e4).rounded() / 100)"
    }
}

/// A published front end's tensors; both what they are called alone and within a larger model.
private struct FrontEndTensors: ParameterSource {
    private let checkpoint: Checkpoint
    private let prefix: String

    init(_ checkpoint: Checkpoint) {
        self.checkpoint = checkpoint
        prefix = checkpoint.names.contains { $0.hasPrefix("wavlm.") } ? "wavlm." : ""
    }

    var names: [String] {
        checkpoint.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
    func shape(of name: String) -> Shape? { checkpoint.shape(of: prefix + name) }
    func tensor(_ name: String) throws(TensorError) -> Tensor { try checkpoint.tensor(prefix + name) }
}

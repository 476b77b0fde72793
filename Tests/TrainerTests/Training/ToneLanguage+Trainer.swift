import Foundation
import SpeechSupport
import TestSupport

@testable import Trainer

extension ToneLanguage {
    /// The language with its tokenizer.
    static func withTokenizer(trainingCount: Int = 24) throws -> ToneLanguage {
        let language = try ToneLanguage(trainingCount: trainingCount)
        let corpus = try TokenizerCorpus(contentsOf: [language.folder.path + "/train"])
        _ = try TokenizerTraining(vocabularySize: vocabularySize).train(on: corpus).write(
            to: language.tokenizer
        )
        return language
    }

    /// A configuration of a small model; `changes` are as on the command line.
    func configuration(_ changes: String...) throws -> TrainingConfiguration {
        try TrainingConfiguration(yaml: configuration, source: "test.yaml", overrides: changes)
    }

    /// The recordings of every batch of the first epoch.
    func batches(_ configuration: TrainingConfiguration) async throws -> [[Utterance]] {
        let data = configuration.data
        let corpus = try await Corpus.read(
            data.trainingPaths,
            format: data.format,
            limits: CorpusLimits(data, tokenCount: nil)
        )
        let seed = UInt64(configuration.training.seed)
        return BatchPlan(corpus, limits: BatchLimits(configuration), seed: seed, epoch: 0).batches
            .map { $0.map { corpus.utterances[$0.index] } }
    }

    /// Cuts recordings off behind their headers, so that the corpus and its plan stay the same.
    ///
    /// - Returns: what they were.
    @discardableResult
    func damage(_ utterances: [Utterance]) throws -> [String: Data] {
        try utterances.reduce(into: [:]) { originals, utterance in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: utterance.audioPath))
            originals[utterance.audioPath] = bytes
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: utterance.audioPath))
        }
    }

    /// Where the runs of a test go.
    func options(_ stage: String = "stage1", runs: String = "runs") -> TrainingOptions {
        TrainingOptions(stage: stage, runs: "\(folder.path)/\(runs)")
    }
}

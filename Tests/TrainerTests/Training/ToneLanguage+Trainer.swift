import SpeechSupport
import TestSupport

@testable import Trainer

extension ToneLanguage {
    /// The language with its tokenizer.
    static func withTokenizer() throws -> ToneLanguage {
        let language = try ToneLanguage()
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

    /// Where the runs of a test go.
    func options(_ stage: String = "stage1", runs: String = "runs") -> TrainingOptions {
        TrainingOptions(stage: stage, runs: "\(folder.path)/\(runs)")
    }
}

import Foundation
import RunRecords
import SpeechSupport
import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// Updates that learn from several batches.
@Suite(.timeLimit(.minutes(3))) struct AccumulatedUpdateTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    /// Of two batches one cannot be read: the update is that of the other one alone, not half of it.
    @Test func aMissingBatchDoesNotMakeAnUpdateSmaller() async throws {
        let pair = try language.configuration(
            "training.gradient_accumulation_steps=2",
            "training.max_steps=1"
        )
        let corpus = try await Corpus.read(
            pair.data.trainingPaths,
            format: pair.data.format,
            limits: CorpusLimits(pair.data, tokenCount: nil)
        )
        let seed = UInt64(pair.training.seed)
        let plan = BatchPlan(corpus, limits: BatchLimits(pair), seed: seed, epoch: 0)
        for entry in plan.batches[1] {
            // The header stays whole, so the corpus and its plan are the same.
            let name = String(
                corpus.utterances[entry.index].audioPath.dropFirst(language.folder.path.count + 1)
            )
            let bytes = try language.folder.read(name)
            try language.folder.write(Array(bytes.prefix(bytes.count / 2)), to: name)
        }
        let alone = try language.configuration(
            "training.gradient_accumulation_steps=1",
            "training.max_steps=1"
        )
        var curves: [[Int: [Double?]]] = []
        var weights: [Checkpoint] = []
        for (name, configuration) in [("pair", pair), ("alone", alone)] {
            let options = language.options(runs: name)
            try await TrainingRun(configuration, options).run()
            curves.append(curve(try lines(options)))
            weights.append(try Checkpoint(finalPath(options)))
        }
        #expect(curves[0][1]?.allSatisfy { $0?.isFinite == true } == true)
        #expect(curves[0] == curves[1])
        #expect(weights[0].names.allSatisfy { weights[0][$0]?.sha256 == weights[1][$0]?.sha256 })
    }
}

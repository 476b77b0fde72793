import Files
import Foundation
import RunRecords
import SpeechSupport
import TensorCore
import TestSupport
import Testing

@testable import Trainer

/// Updates that learn from several batches.
@Suite(.timeLimit(.minutes(10))) struct AccumulatedUpdateTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer(trainingCount: 48) }

    /// Of two batches one cannot be read: the update is that of the other one alone, not half of it.
    @Test func aMissingBatchDoesNotMakeAnUpdateSmaller() async throws {
        let pair = try language.configuration(
            "training.gradient_accumulation_steps=2",
            "training.max_steps=1"
        )
        // 4 of 48: not so many that the run would end.
        try language.damage(try await language.batches(pair)[1])
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

    /// Nothing but updates is in the running statistics: not the first batch of an update that is never made.
    @Test func theLastStepLeavesNoTraceOfAFurtherBatch() async throws {
        let options = language.options(runs: "longer")
        let longer = try language.configuration("training.num_epochs=1")
        try await TrainingRun(longer, options).run()
        let step = FileSystem.folder(of: try finalPath(options)) + "/step_2.safetensors"
        // Within the warm-up the rate does not depend on how long the run is.
        let short = language.options(runs: "short")
        try await TrainingRun(try language.configuration("training.max_steps=2"), short).run()
        let (left, right) = (try Checkpoint(finalPath(short)), try Checkpoint(step))
        #expect(left.names.contains { $0.hasSuffix("running_mean") })
        for name in left.names { #expect(left[name]?.sha256 == right[name]?.sha256, "\(name)") }
    }
}

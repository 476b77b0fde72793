import Files
import Foundation
import RunRecords
import SpeechSupport
import TestSupport
import Testing

@testable import Trainer

/// Runs that are taken back to an earlier checkpoint, and new ones that go on from one.
@Suite(.timeLimit(.minutes(3))) struct TakenBackRunTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    /// A run that was stopped after step 7, and its checkpoints.
    private func stopped(
        _ configuration: TrainingConfiguration,
        _ options: TrainingOptions
    ) async throws -> CheckpointFolder {
        let outcome = try await train(configuration, options, stopAfter: 7).outcome
        guard case .stopped(7, let path) = outcome else {
            throw TrainerError.training(run: "test", reason: "\(outcome)")
        }
        return CheckpointFolder(FileSystem.folder(of: path))
    }

    @Test func theNextStartGoesOnWithTheNewBranch() async throws {
        let configuration = try language.configuration()
        var options = language.options()
        let folder = try await stopped(configuration, options)
        let left = try contents(folder.path)
        options.resumePath = folder.step(4)
        let back = try await train(configuration, options, stopAfter: 5)
        #expect(back.messages.contains { $0.contains("step_7.safetensors is now step_7~1.safetensors") })
        let kept = try contents(folder.path)
        for step in [6, 7] { #expect(kept["step_\(step)~1.safetensors"] == left["step_\(step).safetensors"]) }
        #expect(folder.steps() == [5, 4, 3, 2])
        let removed = try events(lines(options), "checkpoint").filter { $0["removed"]?.bool == true }
        #expect(
            removed.map { $0["path"]?.string } == [6, 7].map { "checkpoints/step_\($0).safetensors" }
        )
        options.resumePath = nil
        let next = try await train(configuration, options, stopAfter: 6)
        #expect(next.messages[0].contains(" at step 5 ("))
        // And back to the branch that was left.
        options.resumePath = "\(folder.path)/step_7~1.safetensors"
        try await train(configuration, options, stopAfter: 8)
        options.resumePath = nil
        let end = try await train(configuration, options)
        #expect(end.messages[0].contains(" at step 8 ("))
        #expect(end.outcome == .completed(checkpoint: folder.final))
        #expect(try runs(options).count == 1)
    }

    /// The end of the branch that is left does not hide the new one.
    @Test func aCompleteRunThatIsTakenBackIsNoLongerComplete() async throws {
        let configuration = try language.configuration()
        var options = language.options()
        guard case .completed(let path) = try await train(configuration, options).outcome else {
            return #expect(Bool(false))
        }
        let folder = CheckpointFolder(FileSystem.folder(of: path))
        let end = try contents(folder.path)["final.safetensors"]
        options.resumePath = folder.step(4)
        let other = try language.configuration("training.learning_rate=1e-3")
        try await train(other, options, stopAfter: 5)
        #expect(try contents(folder.path)["final~1.safetensors"] == end)
        options.resumePath = nil
        #expect(try await train(other, options, stopAfter: 6).messages[0].contains(" at step 5 ("))
    }

    @Test func aRunThatCannotGoOnChangesNoCheckpoint() async throws {
        let configuration = try language.configuration()
        var options = language.options()
        let folder = try await stopped(configuration, options)
        let before = try contents(folder.path)
        options.resumePath = folder.step(4)
        let wider = try language.configuration("model.unfreeze_top_k=1")
        await #expect(throws: TrainerError.self) { try await train(wider, options) }
        #expect(try contents(folder.path) == before)
    }

    @Test func aNewRunGoesOnFromACheckpointAndLeavesItsRunAlone() async throws {
        let configuration = try language.configuration("training.save_interval=4")
        var options = language.options()
        guard case .completed(let path) = try await train(configuration, options).outcome else {
            return #expect(Bool(false))
        }
        let first = try #require(runs(options).first)
        let before = try contents("\(options.runs)/\(first)")
        options.beginsAnew = true
        options.resumePath = CheckpointFolder(FileSystem.folder(of: path)).step(4)
        let branch = try await train(configuration, options, stopAfter: 5)
        let name = try #require(runs(options).first { $0 != first })
        #expect(branch.messages[0].hasPrefix("A new run: \(name), which goes on from \(first) at step 4 ("))
        let told = try lines(options, name)
        // It has a checkpoint before its first update.
        #expect(events(told, "checkpoint").first?["path"]?.string == "checkpoints/step_4.safetensors")
        #expect(curve(told).keys.sorted() == [5])
        options.beginsAnew = false
        options.resumePath = nil
        options.runID = name
        let end = try await train(configuration, options)
        #expect(end.messages[0].contains("Going on with \(name) at step 5"))
        let folder = CheckpointFolder("\(options.runs)/\(name)/checkpoints")
        #expect(end.outcome == .completed(checkpoint: folder.final))
        // The same curve as before, and another best.
        let expected = try curve(lines(options, first)).filter { $0.key > 4 }
        #expect(try curve(lines(options, name)) == expected)
        #expect(try TrainingCheckpoint(folder.best).state?.run == name)
        #expect(try contents("\(options.runs)/\(first)") == before)
    }

    /// Has `best` say that it is of step 7 and had these results.
    private func rewriteBest(
        _ folder: CheckpointFolder,
        _ configuration: TrainingConfiguration,
        rate: Double,
        loss: Double
    ) throws {
        let found = try TrainingCheckpoint(folder.best)
        var state = try #require(found.state)
        (state.step, state.bestWordErrorRate, state.bestLoss) = (7, rate, loss)
        let model = try found.model()
        try TrainingCheckpoint.write(
            model,
            optimizer: nil,
            state: state,
            TrainingCheckpoint.Description(
                configuration: configuration,
                frontEnd: model.configuration.wavLM,
                tokenizer: try #require(found.tokenizerFile)
            ),
            to: folder.best
        )
    }

    /// The best is the best that the run ever measured, of whichever branch.
    @Test(arguments: [(0.0, true), (9.0, false)])
    func theBestStaysUntilTheRunDoesBetter(_ rate: Double, _ stays: Bool) async throws {
        let configuration = try language.configuration()
        var options = language.options()
        let folder = try await stopped(configuration, options)
        try rewriteBest(folder, configuration, rate: rate, loss: 0)
        let before = try contents(folder.path)["best.safetensors"]
        options.resumePath = folder.step(4)
        let messages = try await train(configuration, options).messages
        let percent = rate * 100
        #expect(
            messages.contains(
                "\(folder.best) is of step 7 (word error rate \(percent) %) and stays until the run does better"
            )
        )
        #expect(try (contents(folder.path)["best.safetensors"] == before) == stays)
    }

    /// What a checkpoint remembers is no model: where the file is missing, the next one that is measured is kept.
    @Test func aBestThatIsMissingIsMadeAgain() async throws {
        let configuration = try language.configuration()
        let options = language.options()
        let folder = try await stopped(configuration, options)
        try FileSystem.removeFile(folder.best)
        try await train(configuration, options)
        #expect(try TrainingCheckpoint(folder.best).state?.step == 9)
    }

    /// The n-th batch of another plan is another one.
    @Test(arguments: ["training.seed=7", "data.use_speed_perturbation=true"])
    func anotherPlanOfBatchesBeginsTheEpochAnew(_ change: String) async throws {
        let configuration = try language.configuration()
        var options = language.options()
        let folder = try await stopped(configuration, options)
        options.resumePath = folder.step(7)
        let same = try await train(configuration, options, stopAfter: 8)
        #expect(!same.messages.contains { $0.contains("begins anew") && $0.contains("epoch") })
        let other = try await train(try language.configuration(change), options, stopAfter: 8)
        #expect(other.messages.contains { $0.hasSuffix("have changed: epoch 2 begins anew") })
    }
}

import Foundation
import RunRecords
import SpeechSupport
import Testing

@testable import Trainer

/// Runs that ended before they had anything to go on from.
@Suite(.timeLimit(.minutes(3))) struct InterruptedRunTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    /// What a kill leaves in `runs/killed` after so many updates: the folder of a run as it was then.
    private func killed(
        _ configuration: TrainingConfiguration,
        afterStep step: Int
    ) async throws -> (whole: [JSONValue], options: TrainingOptions) {
        let whole = language.options(runs: "whole")
        let options = language.options(runs: "killed")
        try await TrainingRun(configuration, whole).run { event in
            guard case .progress(let progress) = event, progress.step == step else { return }
            try? FileManager.default.copyItem(atPath: whole.runs, toPath: options.runs)
        }
        return (try lines(whole), options)
    }

    @Test func aRunKilledBeforeItsFirstCheckpointBeginsAgainInItsFolder() async throws {
        let configuration = try language.configuration("training.save_interval=100", "training.num_epochs=2")
        let (expected, options) = try await killed(configuration, afterStep: 3)
        let left = try runs(options)
        #expect(try statuses(lines(options)) == ["running"])
        try await TrainingRun(configuration, options).run()
        #expect(try runs(options) == left)
        let got = try lines(options)
        #expect(statuses(got) == ["running", "running", "completed"])
        #expect(
            events(got, "status")[1]["message"]?.string?
                .contains("begins again: it was killed before its first checkpoint") == true
        )
        // Its steps go back, which docs/run-folder.md calls a restart.
        let steps = got.filter { $0["event"] == nil }.map { $0["step"]?.number }
        #expect(steps == [1, 2, 1, 2, 3, 4, 5, 6])
        #expect(curve(got) == curve(expected))
    }

    @Test func anotherConfigurationOrANewRunLeavesItAlone() async throws {
        let configuration = try language.configuration("training.save_interval=100", "training.num_epochs=1")
        var (_, options) = try await killed(configuration, afterStep: 2)
        let left = try #require(runs(options).last)
        let before = try lines(options, left).count
        options.runID = "stage1-other"
        try await TrainingRun(try language.configuration("training.num_epochs=2"), options).run()
        options.runID = nil
        options.beginsAnew = true
        try await TrainingRun(configuration, options).run()
        #expect(try runs(options).count == 3)
        #expect(try lines(options, left).count == before)
    }

    private static let running = #"{"event":"status","status":"running","step":0}"#
    private static let killed = "it was killed before its first checkpoint"

    /// What follows the first line, and why the run can begin again; nil where it cannot.
    private static let endings: [(log: String, reason: String?)] = [
        ("", killed),
        (#"{"step":7,"train/loss":1}"#, killed),
        (#"{"event":"checkpoint","kind":"best","step":7}"#, killed),
        (#"{"event":"status","stat"#, killed),
        (#"{"event":"status","status":"error","step":0}"#, "it failed before its first step"),
        (#"{"event":"status","status":"stopped","step":0}"#, "it was stopped before its first step"),
        (#"{"event":"status","status":"error","step":7}"#, nil),
        (#"{"event":"status","status":"stopped","step":7}"#, nil),
        (#"{"event":"status","status":"completed","step":0}"#, nil),
        (#"{"event":"checkpoint","kind":"step","step":7}"#, nil),
    ]

    @Test(arguments: endings)
    func theLogSaysWhetherItCanBeginAgain(_ log: String, _ reason: String?) {
        #expect(InterruptedRun(name: "stage1-1", log: Self.running + "\n" + log)?.reason == reason)
        #expect(InterruptedRun(name: "stage1-1", log: "")?.reason == Self.killed)
    }

    @Test func aDescriptionIsComparedAsItWasWritten() throws {
        let configuration = try language.configuration(
            "training.learning_rate=3.3e-5",
            "data.use_specaugment=true"
        )
        var bytes: [UInt8] = []
        LogValue.append([LogField("config", LogValue(.object(configuration.members)))], to: &bytes)
        let written = try #require(try JSONParser.parse(bytes)["config"])
        #expect(configuration.isSameTraining(asWritten: written))
        #expect(
            try !language.configuration("training.learning_rate=3.4e-5").isSameTraining(asWritten: written)
        )
        var talkative = configuration
        talkative.training.logInterval = 7
        talkative.evaluation.beamSize = 9
        #expect(talkative.isSameTraining(asWritten: written))
        #expect(!configuration.isSameTraining(asWritten: .null))
    }
}

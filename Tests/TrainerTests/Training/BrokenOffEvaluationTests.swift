import Foundation
import RunRecords
import SpeechSupport
import Testing

@testable import Trainer

/// Runs that are stopped while recognition is measured.
@Suite(.timeLimit(.minutes(10))) struct BrokenOffEvaluationTests: RunLogReading {
    private let language: ToneLanguage

    init() throws { language = try .withTokenizer() }

    /// Stopped within the evaluation of a step, a run has all points of one that was not, and the same curve behind it.
    @Test func noEvaluationIsMissingAfterAStop() async throws {
        let configuration = try language.configuration("training.eval_interval=2", "training.num_epochs=2")
        let whole = language.options(runs: "whole")
        try await TrainingRun(configuration, whole).run()
        let expected = try lines(whole)
        #expect(Set(evaluations(expected).keys) == [2, 3, 4, 6])
        // In the middle of an epoch, at the end of one, and at the very end.
        for stopAfter in [2, 3, 6] {
            let options = language.options(runs: "stopped\(stopAfter)")
            let stop = TrainingStop()
            try await TrainingRun(configuration, options).run(stop: stop) { event in
                if case .progress(let progress) = event, progress.step == stopAfter { stop.request() }
            }
            #expect(try evaluations(lines(options))[stopAfter] == nil)
            try await TrainingRun(configuration, options).run()
            let got = try lines(options)
            #expect(evaluations(got) == evaluations(expected), "stopped after \(stopAfter)")
            #expect(curve(got) == curve(expected), "stopped after \(stopAfter)")
        }
    }

    @Test func aStopWithinTheMadeUpEvaluationLosesNothing() async throws {
        let configuration = try language.configuration(
            "training.eval_interval=2",
            "training.num_epochs=1",
            "training.save_interval=100"
        )
        let options = language.options()
        let first = TrainingStop()
        try await TrainingRun(configuration, options).run(stop: first) { event in
            if case .progress = event { first.request() }
        }
        for isBrokenOff in [false, true, true] {
            let stop = TrainingStop()
            let outcome = try await TrainingRun(configuration, options).run(stop: stop) { event in
                switch event {
                case .message(let text):
                    if text.contains("step 2 was broken off; it comes first") { stop.request() }
                case .progress(let progress):
                    #expect(!isBrokenOff)
                    if progress.step == 2 { stop.request() }
                }
            }
            guard case .stopped(2, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
            #expect(try events(lines(options), "eval").isEmpty)
        }
        try await TrainingRun(configuration, options).run()
        let told = try lines(options)
        #expect(events(told, "eval").map { $0["step"]?.number } == [2, 3])
        // It comes before the next update.
        let order = told.filter { $0["event"]?.string == "eval" || $0["event"] == nil }
        #expect(order.map { $0["step"]?.number } == [1, 2, 2, 3, 3])
    }
}

import Demonstration
import Foundation
import ServiceLifecycle
import Trainer

/// What the demo does while its page is served: speech, a tokenizer, two stages of training, held-out sentences.
struct DemoWorkload: Service {
    let plan: DemonstrationPlan
    let runs: String
    let console: Console
    private let stop = TrainingStop()

    init(plan: DemonstrationPlan, runs: String, console: Console) {
        (self.plan, self.runs, self.console) = (plan, runs, console)
    }

    func run() async throws {
        let stop = stop
        try await withGracefulShutdownHandler {
            try await work()
        } onGracefulShutdown: {
            stop.request()
        }
    }

    private func work() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        console.say("Speaking \(plan.corpus.count) sentences with espeak-ng into \(plan.folder)/speech")
        try await cancelWhenGracefulShutdown { try await plan.corpus.speak() }
        let sentences = try TokenizerCorpus(contentsOf: ["\(plan.corpus.folder)/train"])
        _ = try TokenizerTraining(vocabularySize: DemonstrationPlan.vocabularySize).train(on: sentences)
            .write(to: plan.tokenizer)
        try plan.write()
        let spoken = clock.now
        for stage in ["stage1", "stage2"] {
            guard try await train(stage) else { return }
        }
        let trained = clock.now
        let errors = try transcribe()
        if stop.isRequested { return }
        let rate = errors.words.rate.map { "\(($0 * 1000).rounded() / 10) %" } ?? "unknown"
        console.say(
            """
            Word error rate on \(plan.corpus.texts(of: "test").count) sentences it never heard: \(rate) \
            (\(errors.words.errorCount) of \(errors.words.referenceCount) words)
            Speech took \(Self.seconds(spoken - start)), both stages \(Self.seconds(trained - spoken)).
            Try it: voxsite transcribe \(plan.corpus.folder)/test --checkpoint \(plan.best(of: "stage2"))
            The dashboard stays up until Ctrl-C.
            """
        )
    }

    /// Trains a stage, from the beginning every time.
    ///
    /// - Returns: whether it came to its end.
    private func train(_ stage: String) async throws -> Bool {
        // Of the demonstration before: it would be set aside again and again.
        try? FileManager.default.removeItem(atPath: "\(plan.folder)/checkpoints/\(stage)")
        let configuration = try TrainingConfiguration.read(plan.configuration(of: stage))
        let options = TrainingOptions(
            stage: "demo-\(stage)",
            runs: runs,
            beginsAnew: true,
            environment: ProcessInfo.processInfo.environment
        )
        console.say("Training \(stage): \(plan.configuration(of: stage))")
        let screen = TrainingScreen(console: console)
        defer { screen.end() }
        let outcome = try await TrainingRun(configuration, options).run(stop: stop) { screen.show($0) }
        screen.end()
        switch outcome {
        case .completed: return true
        case .stopped(let step, let path):
            console.say("Stopped at step \(step) of \(stage): \(path) is kept.")
            return false
        }
    }

    /// Recognises the sentences that were kept apart, and shows some.
    private func transcribe() throws -> RecognitionErrors {
        let recognizer = try Recognizer(checkpoint: plan.best(of: "stage2"))
        var errors = RecognitionErrors()
        for (index, sentence) in plan.corpus.texts(of: "test").enumerated() where !stop.isRequested {
            let heard = try recognizer.transcribe(sentence.path).text
            errors += RecognitionErrors(reference: sentence.text, hypothesis: heard)
            if index < 3 { console.say("  said:  \(sentence.text)\n  heard: \(heard)") }
        }
        return errors
    }

    private static func seconds(_ duration: Duration) -> String {
        TrainingScreen.duration(duration / .seconds(1))
    }
}

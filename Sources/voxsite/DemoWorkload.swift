import Demonstration
import Foundation
import ServiceLifecycle
import Trainer

/// What the demo does while its page is served: speech, a tokenizer, two stages of training, held-out sentences.
struct DemoWorkload: Service {
    /// Held as long as the workload is there, so that no other demo writes to it.
    private let folder: DemonstrationFolder
    private let plan: DemonstrationPlan
    private let runs: String
    private let console: Console
    /// Whether nothing is served when everything is done.
    private let endsAfterwards: Bool
    private let stop = TrainingStop()

    init(
        _ folder: DemonstrationFolder,
        plan: DemonstrationPlan,
        runs: String,
        console: Console,
        endsAfterwards: Bool
    ) {
        (self.folder, self.plan, self.runs, self.console) = (folder, plan, runs, console)
        self.endsAfterwards = endsAfterwards
    }

    func run() async throws {
        let stop = stop
        try await withGracefulShutdownHandler {
            do {
                try await work()
            } catch is CancellationError where Task.isShuttingDownGracefully {
                // Asked to end before there was anything to save.
            }
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
            Have it write down recordings:
              \(Self.shellWord(Self.program)) transcribe \(Self.shellWord("\(plan.corpus.folder)/test")) \\
                --checkpoint \(Self.shellWord(plan.best(of: "stage2")))
            """
        )
        if !endsAfterwards { console.say("The dashboard stays up until Ctrl-C.") }
    }

    /// As it was called: it need not be where the shell looks for programs.
    private static var program: String { CommandLine.arguments.first ?? "voxsite" }

    /// A word that a shell takes as it is.
    private static func shellWord(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "/-._+".utf8.contains($0)
        }
        return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }

    /// Trains a stage, from the beginning every time.
    ///
    /// - Returns: whether it came to its end.
    private func train(_ stage: String) async throws -> Bool {
        try folder.removeCheckpoints(in: plan.checkpoints(of: stage))
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
        case .stopped(let step, _):
            console.say("Stopped at step \(step) of \(stage). The next start begins anew.")
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

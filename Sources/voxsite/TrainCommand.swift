import ArgumentParser
import Foundation
import Glibc
import Trainer

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train VoxFormer, in stages.",
        discussion: """
            voxsite train --config configs/stage1.yaml           and days later:
            voxsite train --config configs/stage2.yaml           begins with stage 1's weights

            The stage is the name of the configuration's file. The same command goes on with a run that was stopped or \
            killed, where it was, as long as its configuration is the same, and leaves a complete one alone; --new begins \
            anew. Ctrl-C and SIGTERM finish the step at hand and save.
            """
    )

    @Option(name: .shortAndLong, help: "The stage's configuration.")
    var config: String

    @Option(name: .shortAndLong, help: "The folder of runs.")
    var runs = "runs"

    @Option(help: "The run's name; <stage>-<date> unless given.")
    var runID: String?

    @Option(
        help: """
            A checkpoint to go on from, instead of training.resume_from. An earlier step of the same run takes it back there: \
            its later steps are set aside, and nothing of them is lost.
            """
    )
    var resume: String?

    @Flag(help: "Take only the weights of the checkpoint; the optimiser begins anew.")
    var weightsOnly = false

    @Flag(
        name: .customLong("new"),
        help: """
            Begin a new run even where an unfinished one could be gone on with; with --resume, from that checkpoint, which \
            stays with its own run.
            """
    )
    var beginsAnew = false

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Change a key, such as training.batch_size=4. May be given several times.",
            valueName: "key=value"
        )
    )
    var overrides: [String] = []

    @Flag(help: "Print the whole configuration, defaults included, and end.")
    var printConfig = false

    @Option(help: "Where to compute: cpu; graphics cards are not used yet.")
    var device = "cpu"

    @OptionGroup var talk: TalkOptions

    func validate() throws {
        guard device == "cpu" else {
            throw ValidationError(
                "--device: \(device) is not supported yet; leave it out to train on the processor"
            )
        }
    }

    func run() async throws {
        let stage = try TrainingConfiguration.read(config, overrides: overrides)
        if printConfig {
            print(stage.yaml, terminator: "")
            return
        }
        let options = TrainingOptions(
            stage: Self.stageName(config),
            runs: runs,
            runID: runID,
            resumePath: resume,
            takesWeightsOnly: weightsOnly,
            beginsAnew: beginsAnew,
            environment: ProcessInfo.processInfo.environment
        )
        let console = talk.console
        let progress = TrainingScreen(console: console)
        let stop = TrainingStop()
        let signals = StopSignals { count in
            if count > 1 { ExitStatus.exit(with: CancellationError()) }
            stop.request()
            progress.show(.message("Finishing the step and saving; once more ends at once."))
        }
        let run = TrainingRun(stage, options)
        defer { progress.end() }
        let outcome = try await signals.listening {
            try await run.run(stop: stop) { progress.show($0) }
        }
        progress.end()
        switch outcome {
        case .completed(let path): console.say("Done: \(path)")
        case .stopped(let step, let path):
            let without = [beginsAnew ? "--new" : nil, resume != nil ? "--resume" : nil].compactMap(\.self)
            console.say(
                "Stopped at step \(step): \(path) is kept; the same command"
                    + (without.isEmpty ? "" : " without \(without.joined(separator: " and "))")
                    + " goes on with it"
            )
            if signals.wasInterrupted { throw ExitCode(ExitStatus.interrupted) }
        }
    }

    /// `configs/stage2.yaml` trains `stage2`; characters that no run's name has become `-`.
    static func stageName(_ path: String) -> String {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        let isPlain = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
        }
        return String(name.prefix(64).map { isPlain($0) ? $0 : "-" })
    }
}

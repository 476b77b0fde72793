import ArgumentParser
import Demonstration
import Files
import SiteGen

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Train a small speech recogniser for real and watch it live.",
        discussion: """
            Has espeak-ng say some hundred sentences, trains a small VoxFormer on them in two stages, in about two minutes \
            on two cores, writes down sentences it never heard, and serves the dashboard meanwhile. What it makes is \
            left in a folder of its own, to be looked at and used by hand; the next start writes over it.
            """
    )

    @Option(name: .shortAndLong, help: "The folder of runs.")
    var runs = "runs"

    @Option(help: "The folder for speech, tokenizer, configurations and checkpoints.")
    var folder = "demo"

    @Option(help: ArgumentHelp("How many sentences are learnt from.", visibility: .hidden))
    var sentences = 400

    @Flag(help: "End when everything is done instead of serving on.")
    var once = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var talk: TalkOptions

    func validate() throws {
        guard (16...100_000).contains(sentences) else {
            throw ValidationError("--sentences: \(sentences) is not from 16 to 100000")
        }
        guard !folder.isEmpty,
            !folder.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw ValidationError(
                "--folder: “\(Console.visible(folder))” is not a folder's name; give one without control characters"
            )
        }
    }

    func run() async throws {
        let console = talk.console
        let held = try DemonstrationFolder(folder)
        try FileSystem.createDirectories(runs)
        let configuration = try site.configuration(runs: runs)
        let session = LiveSession(
            configuration: configuration,
            server: server.configuration(siteRoot: configuration.output, isWatching: true),
            reporter: BuildReporter(console: console, output: configuration.output, printsJSON: false),
            console: console,
            workload: DemoWorkload(
                held,
                plan: DemonstrationPlan(
                    folder: folder,
                    sizes: SpokenCorpus.Sizes(
                        training: sentences,
                        evaluation: min(30, sentences / 4),
                        test: min(30, sentences / 4)
                    )
                ),
                runs: runs,
                console: console,
                endsAfterwards: once
            ),
            endsWithWorkload: once
        )
        try await session.run()
    }
}

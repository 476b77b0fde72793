import ArgumentParser
import Files
import SiteGen

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Draw the dashboard of a folder of runs.",
        discussion: """
            A run is a folder with a metrics.jsonl (or any other .jsonl) and, if you like, a run.json; a lone .jsonl \
            or JSON-array file counts as a run too. Nothing in the folder of runs is ever changed.
            """
    )

    @Option(name: .shortAndLong, help: "The folder of runs.")
    var runs = "runs"

    @OptionGroup var site: SiteOptions

    @Flag(name: .shortAndLong, help: "Keep the site fresh as runs, templates and public files change.")
    var watch = false

    @Flag(name: .shortAndLong, help: "Serve the site while it is watched.")
    var serve = false

    @Option(help: ArgumentHelp("A folder of avatars of your own, with --serve.", valueName: "folder"))
    var avatars: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var talk: TalkOptions

    @Flag(help: "Print a JSON object per build on standard output.")
    var json = false

    func run() async throws {
        let configuration = try site.configuration(runs: runs)
        let reporter = BuildReporter(console: talk.console, output: configuration.output, printsJSON: json)
        guard watch || serve else {
            let builder = try SiteBuilder(configuration)
            let result: Result<BuildReport, any Error>
            do { result = .success(try await builder.build()) } catch { result = .failure(error) }
            // After a failure, too: what was being prepared would only fill the disk.
            await builder.close()
            reporter.tell(.success(try result.get()))
            return
        }
        if FileIdentity.find(runs) == nil {
            // The page may well be there before the first run is.
            try FileSystem.createDirectories(runs)
            talk.console.say("\(runs): a new folder; runs show as soon as they are in it")
        }
        let session = LiveSession(
            configuration: configuration,
            server: serve ? server.configuration(siteRoot: configuration.output, isWatching: true) : nil,
            avatars: avatars,
            reporter: reporter,
            console: talk.console
        )
        try await session.run()
    }
}

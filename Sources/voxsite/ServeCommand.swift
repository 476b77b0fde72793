import ArgumentParser
import Logging
import ServiceLifecycle
import SiteGen

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a site that has been built.",
        discussion: """
            Clips of talking avatars can be made at /api/avatar/. Where other machines can reach the server, that takes \
            the token in VOXSITE_API_TOKEN.
            """
    )

    @Argument(help: "The folder of the site. (default: site)")
    var folder: String?

    @Option(name: [.short, .customLong("output")], help: "The same, as `voxsite build` names it.")
    var output: String?

    @Option(name: .shortAndLong, help: "The folder of runs that clips go to.")
    var runs = "runs"

    @Option(help: ArgumentHelp("A folder of avatars of your own.", valueName: "folder"))
    var avatars: String?

    private var site: String { folder ?? output ?? "site" }

    @OptionGroup var server: ServerOptions
    @OptionGroup var talk: TalkOptions

    func validate() throws {
        guard folder == nil || output == nil else {
            throw ValidationError("name the site once: as an argument or with --output")
        }
    }

    func run() async throws {
        let console = talk.console
        let signals = SignalWatch()
        var logger = Logger(label: "voxsite") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        var configuration = server.configuration(siteRoot: site, isWatching: false)
        let avatar = try AvatarService(runs: runs, avatars: avatars, server: configuration)
        configuration.routes = [avatar.routes]
        let service = SiteServer(
            configuration: configuration,
            live: LiveEvents(),
            logger: logger
        ) { address in console.say("Serving \(address)  (Ctrl-C ends)") }
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: signals, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: avatar, successTerminationBehavior: .ignore),
            ],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: group).run()
        if signals.wasInterrupted { throw CancellationError() }
    }
}

import Logging
import ServiceLifecycle
import SiteGen
import UnixSignals

/// Builds once, then watches and serves until a signal ends it.
struct LiveSession: Sendable {
    let configuration: SiteConfiguration
    /// Nil to watch without serving.
    let server: ServerConfiguration?
    /// A folder of the user's avatars, for clips.
    var avatars: String?
    let reporter: BuildReporter
    let console: Console
    /// Runs beside the watcher and the server: a training run to be watched.
    var workload: (any Service)?
    /// Whether the session ends with its workload rather than serving on.
    var endsWithWorkload = false

    /// - Throws: what stops the session early, and `ExitCode(130)` after Ctrl-C.
    func run() async throws {
        let live = LiveEvents()
        let metrics = ServerMetrics()
        let builder = try SiteBuilder(configuration)
        let reporter = reporter
        let signals = SignalWatch()
        let rebuilder = try Rebuilder(
            builder: builder,
            configuration: configuration,
            live: live,
            metrics: metrics
        ) { reporter.tell($0) }
        try await rebuilder.buildFirst()

        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: signals, successTerminationBehavior: .gracefullyShutdownGroup),
            .init(service: rebuilder, successTerminationBehavior: .gracefullyShutdownGroup),
        ]
        if var server {
            let avatar = try AvatarService(runs: configuration.runs, avatars: avatars, server: server)
            server.routes = [avatar.routes]
            services.append(.init(service: avatar, successTerminationBehavior: .ignore))
            let console = console
            let service = SiteServer(
                configuration: server,
                live: live,
                metrics: metrics,
                logger: Self.logger(console)
            ) { address in console.say("Serving \(address)  (Ctrl-C ends)") }
            services.append(.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup))
        } else {
            console.say("Watching \(configuration.runs)  (Ctrl-C ends)")
        }
        if let workload {
            services.append(
                .init(
                    service: workload,
                    successTerminationBehavior: endsWithWorkload ? .gracefullyShutdownGroup : .ignore,
                    // What went wrong is the last thing said; a server that is cut off would complain, too.
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            )
        }

        var group = ServiceGroupConfiguration(services: services, logger: Self.logger(console))
        group.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: group).run()
        console.say("Stopped. The site in \(configuration.output) stays as it is.")
        if signals.wasInterrupted { throw CancellationError() }
    }

    private static func logger(_ console: Console) -> Logger {
        var logger = Logger(label: "voxsite") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = console.verbosity == .verbose ? .info : .error
        return logger
    }
}

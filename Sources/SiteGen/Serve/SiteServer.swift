import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// Serves a site over HTTP until it is asked to stop.
public struct SiteServer: Service {
    private let configuration: ServerConfiguration
    private let live: LiveEvents
    private let metrics: ServerMetrics
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let onListening: @Sendable (String) -> Void

    /// How often an event stream with no news says that it is alive.
    static let pingInterval = Duration.seconds(15)

    /// Creates a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - configuration: what to serve, and where.
    ///   - live: the events of the site's builder; ended when the server stops.
    ///   - metrics: what `/metrics` shows; shared with the builder.
    ///   - logger: for what cannot be told to a client.
    ///   - clock: paces the pings.
    ///   - onListening: called once with the address, such as `http://127.0.0.1:8080/`.
    public init(
        configuration: ServerConfiguration,
        live: LiveEvents,
        metrics: ServerMetrics = ServerMetrics(),
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(),
        onListening: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.live = live
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
        self.onListening = onListening
    }

    private enum Ending: Sendable { case server, overdue, other }

    /// Listens and answers until graceful shutdown or cancellation.
    ///
    /// On graceful shutdown event streams end at once, no new connection is taken, and requests that are
    /// being answered have ``ServerConfiguration/shutdownGraceSeconds`` to finish.
    ///
    /// - Throws: ``SiteGenError/input(path:reason:)`` where there is no folder to serve,
    ///   ``SiteGenError/server(reason:)`` where the address cannot be listened at; both say what to do.
    public func run() async throws {
        if let problem = ServerStart.problem(withRoot: configuration.siteRoot) { throw problem }
        let application = makeApplication()
        do {
            try await withThrowingTaskGroup(of: Ending.self) { group in
                group.addTask {
                    try await application.run()
                    return .server
                }
                group.addTask { await ping() }
                group.addTask { await overseeShutdown() }
                while let ending = try await group.next(), ending == .other {}
                group.cancelAll()
            }
        } catch {
            live.close()
            throw ServerStart.explain(error, configuration)
        }
        live.close()
    }

    private func makeApplication() -> Application<SiteResponder> {
        let host = configuration.host
        let onListening = onListening
        let idle = TimeAmount.seconds(Int64(configuration.idleTimeoutSeconds))
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)  // what Hummingbird says when it starts we say better
        let responder = SiteResponder(configuration: configuration, live: live, metrics: metrics)
        return Application(
            responder: responder,
            server: HTTPServerBuilder { respond in
                SiteChannel(
                    base: HTTP1Channel(
                        responder: respond,
                        configuration: .init(
                            idleTimeout: idle,
                            httpDecoderConfiguration: .init(
                                maxHeaderFieldSize: 16 << 10,
                                maxHeaderListSize: 32 << 10,
                                maxHeaderFieldCount: 100
                            )
                        )
                    ),
                    responder: responder
                )
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.port),
                availableConnectionsDelegate: .maximum(configuration.maximumConnections, logger: quiet)
            ),
            onServerRunning: { channel in
                onListening(ServerStart.address(host: host, port: channel.localAddress?.port ?? 0))
            },
            logger: quiet
        )
    }

    private func ping() async -> Ending {
        while (try? await clock.sleep(for: Self.pingInterval)) != nil { live.ping() }
        return .other
    }

    /// Waits for the wish to stop, and then no longer than the grace.
    private func overseeShutdown() async -> Ending {
        guard (try? await gracefulShutdown()) != nil else { return .other }
        live.close()
        let grace = Duration.seconds(configuration.shutdownGraceSeconds)
        return (try? await ContinuousClock().sleep(for: grace)) == nil ? .other : .overdue
    }
}

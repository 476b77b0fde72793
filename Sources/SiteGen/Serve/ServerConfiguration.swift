/// Where and how a site is served.
public struct ServerConfiguration: Sendable {
    /// How long clients may use their copies.
    public enum CacheControl: Sendable {
        /// While a builder rewrites the site: every use is checked with the server, which costs one 304.
        ///
        /// Not `no-store`: entity tags come from the content, so a check can never confirm a stale page, and
        /// `no-store` would make a phone load charts anew that have not changed.
        case watch
        /// For a finished site: pages and data are checked, everything else is good for five minutes.
        case `static`
    }

    /// The folder that is served.
    public var siteRoot: String
    /// The address or name to listen at.
    ///
    /// Anything but a loopback address lets other machines in.
    public var host: String
    /// The TCP port; 0 lets the system choose a free one.
    public var port: Int
    /// How long clients may use their copies.
    public var cacheControl: CacheControl
    /// Names, beside `localhost`, by which a server bound to a loopback address may be addressed: those of a
    /// reverse proxy in front of it.
    public var allowedHosts: [String]
    /// What other parts of the program answer.
    public var routes: [any RouteProvider] = []
    /// Event streams open at one time; further ones are told to come back later.
    public var maximumEventClients: Int
    /// Connections open at one time; further ones wait in the system's queue.
    public var maximumConnections: Int
    /// How long a connection may be silent between requests, in seconds.
    public var idleTimeoutSeconds: Int
    /// How long requests that are being answered may take to finish once the server is asked to stop.
    public var shutdownGraceSeconds: Int

    /// Whether only users of this machine can reach the server: it listens at a loopback address, and no proxy
    /// leads there under a name of its own.
    ///
    /// A proxy that uses the server's own name cannot be known from here: its requests themselves say so.
    public var isLocal: Bool { HostGuard.isLoopback(host) && allowedHosts.isEmpty }

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - siteRoot: the folder that is served.
    ///   - host: the address or name to listen at.
    ///   - port: the TCP port; 0 for any free one.
    ///   - cacheControl: how long clients may use their copies.
    ///   - allowedHosts: names a reverse proxy uses for a server bound to a loopback address.
    public init(
        siteRoot: String,
        host: String = "127.0.0.1",
        port: Int = 8080,
        cacheControl: CacheControl = .static,
        allowedHosts: [String] = []
    ) {
        self.siteRoot = siteRoot
        self.host = host
        self.port = port
        self.cacheControl = cacheControl
        self.allowedHosts = allowedHosts
        maximumEventClients = 64
        maximumConnections = 1024
        idleTimeoutSeconds = 60
        shutdownGraceSeconds = 5
    }
}

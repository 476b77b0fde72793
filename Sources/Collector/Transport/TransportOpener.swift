import Files

/// Finds out how a place can be reached, and opens the way.
public struct TransportOpener: Sendable {
    private let hosts: HostDirectory
    private let timeouts: TransferTimeouts
    private let bytesPerSecond: Int?
    private let preference: ChannelPreference
    private let compresses: Bool
    private let certificateFile: String?
    /// From what round trip on much data goes over SFTP.
    var longRoundTrip = BulkChannel.longRoundTrip
    private let warn: @Sendable (String) -> Void

    /// - Parameters:
    ///   - hosts: whom we trust.
    ///   - timeouts: how long to wait for a peer.
    ///   - bytesPerSecond: how fast data goes at most, on average; nil for as fast as it can.
    ///   - preference: over what hosts are talked to.
    ///   - compresses: whether ssh compresses all data, as `-z` asks for.
    ///   - certificateFile: the authorities that https trusts in place of the system's, in PEM form.
    ///   - warn: told what is not as safe as it could be, a password for example.
    public init(
        hosts: HostDirectory,
        timeouts: TransferTimeouts = TransferTimeouts(),
        bytesPerSecond: Int? = nil,
        preference: ChannelPreference = .auto,
        compresses: Bool = false,
        certificateFile: String? = nil,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.hosts = hosts
        self.timeouts = timeouts
        self.bytesPerSecond = bytesPerSecond
        self.preference = preference
        self.compresses = compresses
        self.certificateFile = certificateFile
        self.warn = warn
    }

    /// Opens a place to read from it; a host is connected to at once, so that it fails here.
    ///
    /// - Parameter location: what was written.
    /// - Returns: a transport whose root is the location's path; see ``Transport/channelDescription``.
    /// - Throws: ``CollectorError``; ``CollectorError/hostUnknown(_:)`` where no key is pinned.
    public func open(_ location: Location) async throws -> any Transport {
        switch location.scheme {
        case .local: return LocalTransport(root: location.path, bytesPerSecond: bytesPerSecond)
        case .http(let origin):
            guard !compresses else {
                throw CollectorError.usage("-z: \(location): a web server sends its files as they are")
            }
            return try HTTPTransport(
                origin: origin,
                path: location.path,
                timeouts: timeouts,
                bytesPerSecond: bytesPerSecond,
                certificateFile: certificateFile
            )
        case .sftp(let reference):
            return try await open(try resolve(reference), location.path, over: .sftp)
        case .host(let reference):
            return try await open(try resolve(reference), location.path, over: preference)
        }
    }

    /// Opens a place to write to it.
    ///
    /// - Parameter location: what was written.
    /// - Returns: a transport whose root is the location's path.
    /// - Throws: ``CollectorError``; ``CollectorError/usage(_:)`` where that kind of place takes no writes.
    public func openWritable(_ location: Location) async throws -> any WritableTransport {
        switch location.scheme {
        case .local: return LocalTransport(root: location.path, bytesPerSecond: bytesPerSecond)
        case .http: throw CollectorError.usage("\(location): a web server is no destination")
        case .sftp(let reference):
            throw CollectorError.usage(
                "\(location): SFTP cannot replace files safely; write \(reference.name):\(location.path), which "
                    + "goes by commands over ssh"
            )
        case .host(let reference):
            let host = try resolve(reference)
            let exec = try await connect(host, location.path)
            guard exec.capabilities.contains(.write) else {
                await exec.close()
                throw CollectorError.usage("\(location): it has no dd, stat and truncate to write with")
            }
            return exec
        }
    }

    private func resolve(_ reference: Location.HostReference) throws(CollectorError) -> ResolvedHost {
        let host = try hosts.resolve(reference)
        for warning in SSHConfiguration.warnings(for: host) { warn(warning) }
        return host
    }

    private func connect(_ host: ResolvedHost, _ path: String) async throws -> SSHExecTransport {
        try await SSHExecTransport.connect(
            to: host,
            root: path,
            timeouts: timeouts,
            bytesPerSecond: bytesPerSecond,
            compresses: compresses
        )
    }

    private func open(
        _ host: ResolvedHost,
        _ path: String,
        over preference: ChannelPreference
    ) async throws -> any Transport {
        switch preference {
        case .exec: return try await connect(host, path)
        case .sftp: return try await openSFTP(host, path)
        case .auto: return try await openAny(host, path)
        }
    }

    /// Takes both channels, or the one that answers.
    private func openAny(_ host: ResolvedHost, _ path: String) async throws -> any Transport {
        let exec: SSHExecTransport
        do {
            exec = try await connect(host, path)
        } catch let error as CollectorError where Self.isNoShell(error) {
            // The connection stood and ran no command: an account for SFTP alone.
            return try await openSFTP(
                host,
                path,
                description: "sftp alone; commands are not run there: \(error)"
            )
        }
        return CombinedTransport(
            exec: exec,
            bulk: BulkChannel(exec: exec, longRoundTrip: longRoundTrip) { [self] in
                try await openSFTP(host, path)
            }
        )
    }

    /// Opens SFTP, through a tunnel where there are jump hosts, and makes it answer once.
    private func openSFTP(
        _ host: ResolvedHost,
        _ path: String,
        description: String = "sftp"
    ) async throws -> SFTPChannel {
        let tunnel =
            host.jumps.isEmpty
            ? nil : try SSHTunnel(to: host, connectSeconds: timeouts.connectSeconds)
        var opened: SFTPTransport?
        do {
            try await tunnel?.open()
            let sftp = try SFTPTransport(
                endpoint: host.endpoint(tunnelSocket: tunnel?.socket),
                root: path,
                timeouts: timeouts,
                bytesPerSecond: bytesPerSecond,
                compresses: compresses
            )
            opened = sftp
            try await Self.makeAnswer(sftp)
            return SFTPChannel(sftp, tunnel: tunnel, description: description)
        } catch {
            await opened?.close()
            await tunnel?.close()
            throw error
        }
    }

    /// Asks for a file that nobody has: any answer about it will do.
    private static func makeAnswer(_ sftp: SFTPTransport) async throws {
        do {
            _ = try await sftp.status(of: [RelativePath(validating: ".voxsite-answer")])
        } catch let error as CollectorError {
            switch error {
            case .remoteFile, .vanished, .refused: return
            default: throw error
            }
        }
    }

    private static func isNoShell(_ error: CollectorError) -> Bool {
        switch error {
        case .connection(_, let reason): reason.hasPrefix(SSHShellConnection.noCommands)
        case .protocolViolation: true
        default: false
        }
    }
}

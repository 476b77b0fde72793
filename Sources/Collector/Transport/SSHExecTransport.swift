import Files

/// Files of another host by commands over ssh: nothing but a POSIX shell with coreutils or busybox is there.
///
/// Small things go through one shell session, whose requests do not wait for each other; bulk data, hashes of
/// large files and writes go through ssh processes of their own over the same connection. See
/// ``SSHRemoteScript`` for what runs there, how links are refused, and which race remains.
public final class SSHExecTransport: WritableTransport, ChannelDescribing {
    /// The root: `gpu:/root/runs`.
    public let displayName: String
    /// What the tools of the far side allow.
    public let capabilities: TransportCapabilities

    let configuration: SSHConfiguration
    let shell: SSHShell
    let tools: SSHRemoteTools
    let root: String
    let timeouts: TransferTimeouts
    let pacer: RatePacer?
    /// Whether ssh compresses all that goes over the connection.
    let compresses: Bool
    /// Beside the session itself, of the ten that sshd takes.
    let gate = SessionGate(limit: 6)

    /// Reads up to this many bytes go through the session: one poll of a log.
    static let smallRead = 4 << 20 | 64 << 10
    /// Hashes of up to this many bytes go through the session: half a second at most.
    static let smallHash = 128 << 20
    /// From here on text is compressed: less is not worth a process.
    static let smallText = 16 << 10
    /// The most that names may take.
    static let listingLimit = 64 << 20

    private init(
        configuration: SSHConfiguration,
        shell: SSHShell,
        tools: SSHRemoteTools,
        root: String,
        timeouts: TransferTimeouts,
        bytesPerSecond: Int?,
        compresses: Bool
    ) {
        self.configuration = configuration
        self.shell = shell
        self.tools = tools
        self.root = root
        self.timeouts = timeouts
        self.compresses = compresses
        displayName = "\(configuration.host.host.name):\(root)"
        capabilities = tools.capabilities
        pacer = bytesPerSecond.flatMap { $0 > 0 ? RatePacer(bytesPerSecond: $0) : nil }
    }

    /// Connects to a host and finds out what it has.
    ///
    /// - Parameters:
    ///   - host: a known one.
    ///   - root: a path there; a relative one, or one that begins with `~/`, starts at the home folder.
    ///   - timeouts: how long to wait.
    ///   - bytesPerSecond: how fast data goes at most; nil for as fast as it can.
    ///   - compresses: whether ssh compresses all that goes over the connection.
    /// - Returns: the connected transport.
    /// - Throws: ``CollectorError``.
    public static func connect(
        to host: ResolvedHost,
        root: String,
        timeouts: TransferTimeouts = TransferTimeouts(),
        bytesPerSecond: Int? = nil,
        compresses: Bool = false
    ) async throws -> SSHExecTransport {
        let configuration = try SSHConfiguration(
            host: host,
            connectSeconds: timeouts.connectSeconds,
            compresses: compresses
        )
        let shown = root
        let shell = SSHShell(configuration: configuration, root: remoteRoot(root), timeouts: timeouts)
        do {
            let tools = try await shell.connect()
            return SSHExecTransport(
                configuration: configuration,
                shell: shell,
                tools: tools,
                root: shown,
                timeouts: timeouts,
                bytesPerSecond: bytesPerSecond,
                compresses: compresses
            )
        } catch {
            await shell.close()
            throw error
        }
    }

    /// Over what it goes, and with which tools there.
    public var channelDescription: String { "ssh commands (\(tools.words.joined(separator: ", ")))" }

    /// How long the way there and back takes.
    ///
    /// - Parameter limit: from what on it is not worth asking again.
    /// - Returns: the time of the quickest answer.
    /// - Throws: ``CollectorError``.
    func roundTrip(shorterThan limit: Duration) async throws -> Duration {
        try await shell.roundTrip(shorterThan: limit)
    }

    /// The time there, counted on from what its clock told when it was connected to.
    ///
    /// - Returns: nanoseconds since 1970; nil where it has no clock that tells seconds.
    public func currentTime() async -> Int64? { await shell.currentTime() }

    /// Ends the connection.
    public func close() async { await shell.close() }

    /// A root as the far side's shell takes it: `~` is not expanded inside quotes.
    static func remoteRoot(_ root: String) -> String {
        if root == "~" || root == "." { return "." }
        return root.hasPrefix("~/") ? "./" + root.dropFirst(2) : root
    }

    /// The path in the words of a message.
    func shown(_ path: RelativePath?) -> String { path?.below(displayName) ?? displayName }

    /// The folder and the name of a path, as words for the script.
    static func parts(_ path: RelativePath) -> [String] {
        [path.parent?.string ?? ".", String(path.lastComponent)]
    }

    /// Turns a failed command into its error.
    ///
    /// - Parameters:
    ///   - status: its exit status.
    ///   - errors: its standard error.
    ///   - path: what it was about.
    ///   - operation: the verb for the message.
    /// - Throws: ``CollectorError``, unless the status is 0.
    func check(
        _ status: Int,
        _ errors: String,
        path: String,
        operation: String
    ) throws(CollectorError) {
        switch status {
        case 0: return
        case SSHRemoteScript.Status.noRoot:
            let reason = "the folder \(displayName) is not there, or may not be entered"
            throw .remoteFile(path, operation: operation, reason: reason)
        case SSHRemoteScript.Status.link:
            throw .refused(
                path,
                reason: "a symbolic link is on the way, or no folder; links are not followed"
            )
        case SSHRemoteScript.Status.missing: throw .vanished(path)
        case SSHRemoteScript.Status.notRegular: throw .refused(path, reason: "it is no regular file")
        case SSHRemoteScript.Status.exists: throw .exists(path)
        case SSHRemoteScript.Status.folder: throw .refused(path, reason: "a folder is there")
        case SSHRemoteScript.Status.otherDevice:
            throw .remoteFile(
                path,
                operation: operation,
                reason: "the partial file is on another file system"
            )
        default:
            let line = errors.split(whereSeparator: \.isNewline).last.map { RemoteText.readable($0) }
            throw .remoteFile(path, operation: operation, reason: line ?? "exit status \(status)")
        }
    }

    /// Runs a function whose output does not matter.
    func perform(_ words: [String], on path: RelativePath?, _ operation: String) async throws {
        let answer = try await shell.ask(words, limit: 1 << 16)
        try check(answer.status, answer.errors, path: shown(path), operation: operation)
    }
}

import Files

/// A host that answers commands: one connection, opened when it is needed and again after it broke.
///
/// The session's own ssh is the master of the connection: other ssh processes with data go through it, without
/// a handshake of their own. There is no master in the background that would live on without us, and its
/// errors, those of jump hosts too, come out here.
package actor SSHShell {
    private let configuration: SSHConfiguration
    private let root: String
    private let timeouts: TransferTimeouts
    private var connection: SSHShellConnection?
    private var running: Task<Void, Never>?
    private var greeting: SSHShellRequest?
    private var isClosed = false
    /// The far side's clock, and when it told it at the latest.
    private var clock: (request: SSHShellRequest, seconds: Int64, heard: ContinuousClock.Instant)?
    /// The quickest answer so far: the way there and back with little on it.
    private var quickestAnswer: Duration?

    package init(configuration: SSHConfiguration, root: String, timeouts: TransferTimeouts) {
        self.configuration = configuration
        self.root = root
        self.timeouts = timeouts
    }

    deinit {
        // Ends the process; its task holds nothing of ours.
        connection?.finish()
    }

    /// Connects, unless it is connected, and says what is there.
    ///
    /// - Returns: the tools of the far side.
    /// - Throws: ``CollectorError``: a host that is not there, shows another key, does not let us in, or runs no
    ///   commands.
    package func connect() async throws -> SSHRemoteTools {
        let (_, greeting) = try await current()
        let answer = try await greeting.answer
        guard let tools = SSHRemoteTools(answer: answer.output) else {
            throw CollectorError.protocolViolation(
                configuration.host.host.name,
                reason: "its shell is no POSIX shell"
            )
        }
        if clock?.request !== greeting, let seconds = SSHRemoteTools.seconds(answer: answer.output) {
            clock = (greeting, seconds, .now)
        }
        return tools
    }

    /// The time on the far side in nanoseconds since 1970, never ahead of its clock; nil before it told any.
    func currentTime() -> Int64? {
        clock.map { clock in
            let (seconds, attoseconds) = clock.heard.duration(to: .now).components
            return (clock.seconds &+ seconds) &* 1_000_000_000 &+ attoseconds / 1_000_000_000
        }
    }

    /// How long the way there and back takes.
    ///
    /// - Parameter limit: from what on it is not worth asking again.
    /// - Returns: the time of the quickest answer.
    /// - Throws: ``CollectorError`` where the connection fails.
    func roundTrip(shorterThan limit: Duration) async throws -> Duration {
        for _ in 0..<2 {
            if let quickestAnswer, quickestAnswer < limit { return quickestAnswer }
            _ = try await ask([":"], limit: 64)
        }
        return quickestAnswer ?? limit
    }

    /// Runs a function of ``SSHRemoteScript``.
    ///
    /// - Parameters:
    ///   - words: its name and arguments.
    ///   - limit: the most bytes of output.
    /// - Returns: what it gave.
    /// - Throws: ``CollectorError`` where the connection fails; a failed command is an answer.
    func ask(_ words: [String], limit: Int) async throws -> SSHAnswer {
        let (connection, greeting) = try await current()
        // A failed handshake is everybody's failure.
        _ = try await greeting.answer
        let request = SSHShellRequest(words, limit: limit)
        let start = ContinuousClock.now
        connection.send(request)
        let answer = try await request.answer
        let duration = start.duration(to: .now)
        quickestAnswer = min(quickestAnswer ?? duration, duration)
        return answer
    }

    /// Ends the connection, also in the middle of something.
    package func close() async {
        isClosed = true
        connection?.finish()
        running?.cancel()
        await running?.value
        configuration.remove()
    }

    private func current() async throws -> (SSHShellConnection, SSHShellRequest) {
        guard !isClosed else {
            throw CollectorError.connection(host: configuration.host.host.name, reason: "it was closed")
        }
        if let connection, let greeting, !connection.hasEnded { return (connection, greeting) }
        let old = running
        let connection = SSHShellConnection(
            process: SSHProcess(
                arguments: configuration.arguments(["-M", "-T"]) + ["exec sh"],
                environment: configuration.environment
            ),
            diagnosis: SSHDiagnosis(host: configuration.host, connectSeconds: timeouts.connectSeconds),
            subject: configuration.host.host.name,
            timeouts: timeouts
        )
        // A login may talk before the shell does.
        let greeting = SSHShellRequest(["hi"], limit: 1 << 16, prefix: SSHRemoteScript.session(root: root))
        connection.send(greeting)
        self.connection = connection
        self.greeting = greeting
        let socket = configuration.controlPath
        running = Task {
            await old?.value
            // One that a killed master left behind would make this one go without.
            try? FileSystem.removeFile(socket)
            await connection.run()
        }
        return (connection, greeting)
    }
}

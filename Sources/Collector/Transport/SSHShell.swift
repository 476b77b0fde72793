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
        return tools
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
        connection.send(request)
        return try await request.answer
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

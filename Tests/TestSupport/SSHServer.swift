import Foundation
import Synchronization

/// A real sshd on a free port of 127.0.0.1, with keys and files of its own, gone with its last reference.
public final class SSHServer: Sendable {
    /// What kind of server it is.
    public struct Options: Sendable {
        /// Whether files can be had over SFTP.
        public var hasSFTP = true
        /// Whether commands are run; without, SFTP is all there is.
        public var runsCommands = true
        /// The kinds of the server's keys: `ed25519`, `ecdsa`, `rsa`.
        public var hostKeyTypes = ["ed25519"]
        /// The kind of the client's key.
        public var clientKeyType = "ed25519"
        /// Encrypts the client's private key.
        public var passphrase = ""
        /// The password of an account of its own, `voxsite-test`, that only this server knows; nil for none.
        ///
        /// It needs ``SSHServer/passwordAbsence`` to be nil.
        public var password: String?
        /// Lines of sshd_config put before all others.
        public var lines: [String] = []
        /// What the account's shell runs first: its .bashrc.
        public var loginScript: String?
        /// Where commands are looked for; nil for the system's own.
        public var path: String?

        /// A server with all that an ordinary one has.
        public init() {}

        /// Ciphers and exchanges that are common advice, and too new for libssh2 1.10.
        public static let hardened: Options = {
            var options = Options()
            options.lines = [
                "KexAlgorithms sntrup761x25519-sha512@openssh.com",
                "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com",
                "MACs hmac-sha2-512-etm@openssh.com",
            ]
            return options
        }()
    }

    /// Where sshd is; nil where it is not installed, and tests that need it say so and skip.
    public static let executable: String? = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What a test that skips says.
    public static let absence = "no sshd here: apt install openssh-server"

    /// Of 127.0.0.1.
    public let port: Int
    /// Holds its keys and its configuration.
    public let folder: TemporaryDirectory
    /// A private key that it lets in.
    public let clientKeyFile: String
    /// The account that it lets in: ours, or the one with the password.
    public let user: String

    private let options: Options
    private let process: Mutex<PlainProcess?>

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - options: what kind of server it is.
    ///   - clientKeyFile: a private key that it lets in; a new one unless given.
    /// - Throws: where sshd does not come up.
    public init(_ options: Options = Options(), clientKeyFile: String? = nil) async throws {
        self.options = options
        user = options.password == nil ? NSUserName() : Self.passwordUser
        folder = try TemporaryDirectory()
        port = try LoopbackPort.free()
        if let clientKeyFile {
            self.clientKeyFile = clientKeyFile
        } else {
            self.clientKeyFile = folder.path(of: "client")
            try Self.makeKey(options.clientKeyType, at: self.clientKeyFile, passphrase: options.passphrase)
        }
        process = Mutex(nil)
        for type in options.hostKeyTypes { try Self.makeKey(type, at: folder.path(of: "host_\(type)")) }
        if let password = options.password { try Self.writeAccounts(password: password, in: folder) }
        try await start()
    }

    deinit { stop() }

    /// Its key of one kind, as known_hosts and hosts.yaml have it: the kind and the base64.
    ///
    /// - Parameter type: the kind; its first one unless given.
    /// - Returns: two words.
    /// - Throws: what the system says.
    public func hostKey(_ type: String? = nil) throws -> String {
        let type = type ?? options.hostKeyTypes.first ?? ""
        return try folder.readText("host_\(type).pub").split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// Gives it other keys, as a machine has that took its place.
    ///
    /// - Throws: where sshd does not come up again.
    public func changeHostKey() async throws {
        stop()
        for type in options.hostKeyTypes {
            try folder.remove("host_\(type)")
            try folder.remove("host_\(type).pub")
            try Self.makeKey(type, at: folder.path(of: "host_\(type)"))
        }
        try await start()
    }

    /// How many logins by key it has let in since its last start.
    public var loginCount: Int { log.ranges(of: "Accepted publickey").count }

    /// Stops the listener: the kernel still takes connections, and nobody says a word on them.
    ///
    /// - Parameter number: `SIGSTOP`, and `SIGCONT` to go on.
    public func signalListener(_ number: Int32) {
        process.withLock { if let listener = $0?.identifier { kill(listener, number) } }
    }

    /// What it has said since its last start.
    public var log: String { (try? folder.readText("log")) ?? "" }

    /// The processes that serve connections, those of their accounts among them.
    public var sessions: [Int32] {
        guard let listener = process.withLock({ $0?.identifier }) else { return [] }
        return ProcessTree.descendants(of: listener)
    }

    /// Sends all sessions a signal: `SIGKILL` breaks them, `SIGSTOP` makes them fall silent.
    ///
    /// - Parameter number: the signal.
    public func signalSessions(_ number: Int32) {
        for session in sessions { kill(session, number) }
    }

    /// Ends it with all its sessions.
    public func stop() {
        let stopped = process.withLock { process -> PlainProcess? in
            defer { process = nil }
            return process
        }
        guard let stopped else { return }
        let all = ProcessTree.descendants(of: stopped.identifier)
        stopped.end()
        for session in all { kill(session, SIGKILL) }
    }

    /// Starts it again on its port.
    ///
    /// - Throws: where sshd does not come up.
    public func start() async throws {
        guard let executable = Self.executable else {
            throw PlainProcessError.failed("sshd", log: Self.absence)
        }
        if getuid() == 0 {
            try? FileManager.default.createDirectory(
                atPath: "/run/sshd",
                withIntermediateDirectories: true
            )
        }
        var lines = options.lines
        lines += [
            "Port \(port)", "ListenAddress 127.0.0.1", "PidFile none", "StrictModes no", "UsePAM no",
            "PasswordAuthentication \(options.password == nil ? "no" : "yes")",
            "KbdInteractiveAuthentication no", "PermitRootLogin yes",
            "AuthorizedKeysFile \(clientKeyFile).pub", "MaxStartups 100", "AllowStreamLocalForwarding yes",
        ]
        lines += options.hostKeyTypes.map { "HostKey \(folder.path(of: "host_\($0)"))" }
        // A home of its own: what people have in their .bashrc takes its time and says things.
        try folder.createDirectory("home")
        if let login = options.loginScript { try folder.write(login, to: "home/.bashrc") }
        let path = options.path.map { " PATH=\($0)" } ?? ""
        lines.append("SetEnv HOME=\(folder.path(of: "home"))\(path)")
        if options.hasSFTP { lines.append("Subsystem sftp internal-sftp") }
        if !options.runsCommands { lines.append("ForceCommand internal-sftp") }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "sshd_config")
        let log = folder.path(of: "log")
        try? folder.remove("log")
        let words = [executable, "-D", "-e", "-f", folder.path(of: "sshd_config")]
        let command = options.password == nil ? words : Self.withOwnAccounts(of: folder, words)
        let started = try PlainProcess(command[0], Array(command.dropFirst()), log: log)
        process.withLock { $0 = started }
        for _ in 0..<1500 {
            if ((try? folder.readText("log")) ?? "").contains("Server listening on") { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw PlainProcessError.failed("sshd", log: (try? folder.readText("log")) ?? "")
    }

    /// Makes a key pair.
    ///
    /// - Parameters:
    ///   - type: `ed25519`, `ecdsa`, `rsa`.
    ///   - path: of the private key; `.pub` is put beside it.
    ///   - passphrase: encrypts the private key.
    /// - Throws: where ssh-keygen fails.
    public static func makeKey(_ type: String, at path: String, passphrase: String = "") throws {
        let log = path + ".log"
        let words = ["-q", "-t", type, "-N", passphrase, "-C", "test", "-f", path]
        guard try PlainProcess("/usr/bin/ssh-keygen", words, log: log).waitForExit() else {
            throw PlainProcessError.failed("ssh-keygen", log: log)
        }
    }
}

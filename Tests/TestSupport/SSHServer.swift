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
        /// The kind of the server's key: `ed25519`, `ecdsa`, `rsa`.
        public var hostKeyType = "ed25519"
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
    /// The account that it lets in: ours.
    public let user = NSUserName()

    private let options: Options
    private let process: Mutex<ChildProcess?>

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - options: what kind of server it is.
    ///   - clientKeyFile: a private key that it lets in; a new one unless given.
    /// - Throws: where sshd does not come up.
    public init(_ options: Options = Options(), clientKeyFile: String? = nil) async throws {
        self.options = options
        folder = try TemporaryDirectory()
        port = try LoopbackPort.free()
        if let clientKeyFile {
            self.clientKeyFile = clientKeyFile
        } else {
            self.clientKeyFile = folder.path(of: "client")
            try await Self.makeKey("ed25519", at: self.clientKeyFile)
        }
        process = Mutex(nil)
        try await Self.makeKey(options.hostKeyType, at: folder.path(of: "host"))
        try await start()
    }

    deinit { stop() }

    /// Its key, as known_hosts and hosts.yaml have it: the kind and the base64.
    ///
    /// - Returns: two words.
    /// - Throws: what the system says.
    public func hostKey() throws -> String {
        try folder.readText("host.pub").split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// Gives it another key, as a machine has that took its place.
    ///
    /// - Throws: where sshd does not come up again.
    public func changeHostKey() async throws {
        stop()
        try folder.remove("host")
        try folder.remove("host.pub")
        try await Self.makeKey(options.hostKeyType, at: folder.path(of: "host"))
        try await start()
    }

    /// The processes that serve connections, those of their accounts among them.
    public var sessions: [Int32] {
        guard let shell = process.withLock({ $0?.identifier }) else { return [] }
        // The first is the listener.
        return Array(Self.descendants(of: shell).dropFirst())
    }

    /// Sends all sessions a signal: `SIGKILL` breaks them, `SIGSTOP` makes them fall silent.
    ///
    /// - Parameter number: the signal.
    public func signalSessions(_ number: Int32) {
        for session in sessions { kill(session, number) }
    }

    /// Ends it with all its sessions.
    public func stop() {
        let stopped = process.withLock { process -> ChildProcess? in
            defer { process = nil }
            return process
        }
        guard let stopped else { return }
        let all = Self.descendants(of: stopped.identifier)
        stopped.signal(SIGKILL)
        for session in all { kill(session, SIGKILL) }
    }

    /// Starts it again on its port.
    ///
    /// - Throws: where sshd does not come up.
    public func start() async throws {
        guard let executable = Self.executable else { throw ChildProcessError.noSuchLine("sshd", lines: []) }
        if getuid() == 0 {
            try? FileManager.default.createDirectory(
                atPath: "/run/sshd",
                withIntermediateDirectories: true
            )
        }
        var lines = options.lines
        lines += [
            "Port \(port)", "ListenAddress 127.0.0.1", "HostKey \(folder.path(of: "host"))", "PidFile none",
            "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes",
            "AuthorizedKeysFile \(clientKeyFile).pub", "MaxStartups 100", "AllowStreamLocalForwarding yes",
        ]
        // A home of its own: what people have in their .bashrc takes its time and says things.
        try folder.createDirectory("home")
        if let login = options.loginScript { try folder.write(login, to: "home/.bashrc") }
        let path = options.path.map { " PATH=\($0)" } ?? ""
        lines.append("SetEnv HOME=\(folder.path(of: "home"))\(path)")
        if options.hasSFTP { lines.append("Subsystem sftp internal-sftp") }
        if !options.runsCommands { lines.append("ForceCommand internal-sftp") }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "sshd_config")
        // sshd closes every descriptor that it inherits, also the one by which Foundation sees that a process
        // has ended; it would then wait for sshd and notice the end of no other process. A shell keeps it open.
        let script = "\"$1\" -D -e -f \"$2\"; exit $?"
        let child = try ChildProcess(
            "/bin/sh",
            ["-c", script, "sh", executable, folder.path(of: "sshd_config")]
        )
        _ = try await child.waitForError(containing: "Server listening on")
        process.withLock { $0 = child }
    }

    /// Makes a key pair.
    ///
    /// - Parameters:
    ///   - type: `ed25519`, `ecdsa`, `rsa`.
    ///   - path: of the private key; `.pub` is put beside it.
    ///   - passphrase: encrypts the private key.
    /// - Throws: where ssh-keygen fails.
    public static func makeKey(_ type: String, at path: String, passphrase: String = "") async throws {
        let child = try ChildProcess(
            "/usr/bin/ssh-keygen",
            ["-q", "-t", type, "-N", passphrase, "-C", "test", "-f", path]
        )
        let status = try await child.waitForExit()
        if status != 0 { throw ChildProcessError.noSuchLine("ssh-keygen", lines: child.errorLines) }
    }

    /// The processes below one, found in /proc.
    private static func descendants(of ancestor: Int32) -> [Int32] {
        var parents: [Int32: Int32] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let number = Int32(name),
                let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { continue }
            let fields = text[end...].split(separator: " ")
            if fields.count > 2, let parent = Int32(fields[2]) { parents[number] = parent }
        }
        var found: [Int32] = []
        var layer = [ancestor]
        while !layer.isEmpty {
            layer = parents.filter { layer.contains($0.value) }.map(\.key)
            found += layer
        }
        return found
    }
}

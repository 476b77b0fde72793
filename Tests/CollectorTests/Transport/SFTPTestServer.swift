import Collector
import Foundation
import Synchronization
import TestSupport
import Testing

/// A real sshd on a free port of 127.0.0.1 with keys of its own, gone with its last reference.
final class SFTPTestServer: Sendable {
    /// Where sshd is; nil where it is not installed, and tests that need it say so and skip.
    static let executable: String? = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What a test that skips says.
    static let absence: Comment = "no sshd here: apt install openssh-server"

    let port: Int
    /// Holds keys and configuration.
    let folder: TemporaryDirectory
    /// What it serves, as its clients see it: a folder of this machine.
    let files: TemporaryDirectory
    private let lines: [String]
    private let process = Mutex<ChildProcess?>(nil)

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - lines: of sshd_config, before all others, so that they win.
    ///   - hostKeyTypes: of the server's keys.
    ///   - passphrase: encrypts the client's private key.
    ///   - clientKeyType: of the client's key.
    ///   - hasSFTP: whether it serves files at all.
    /// - Throws: where sshd does not come up.
    init(
        _ lines: [String] = [],
        hostKeyTypes: [String] = ["ed25519"],
        passphrase: String = "",
        clientKeyType: String = "ed25519",
        hasSFTP: Bool = true
    ) async throws {
        folder = try TemporaryDirectory()
        files = try TemporaryDirectory()
        port = try LoopbackPort.free()
        try await Self.makeKey(clientKeyType, at: folder.path(of: "client"), passphrase: passphrase)
        for type in hostKeyTypes { try await Self.makeKey(type, at: folder.path(of: "host_\(type)")) }
        let keyFolder = folder.path
        let keys = hostKeyTypes.map { "HostKey \(keyFolder)/host_\($0)" }
        self.lines =
            lines + keys + [
                "Port \(port)", "ListenAddress 127.0.0.1", "PidFile none", "StrictModes no", "UsePAM no",
                "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin yes",
                "AuthorizedKeysFile \(folder.path)/client.pub", "MaxStartups 100", "LogLevel VERBOSE",
                "AllowStreamLocalForwarding yes",
            ] + (hasSFTP ? ["Subsystem sftp internal-sftp"] : [])
        try await start()
    }

    deinit { stop() }

    /// The public key of one kind.
    func hostKey(_ type: String = "ed25519") throws -> HostKey {
        try #require(HostKey(try folder.readText("host_\(type).pub")))
    }

    /// Gives it another key, as a machine has that took its place.
    func changeHostKey(_ type: String = "ed25519") async throws {
        stop()
        try folder.remove("host_\(type)")
        try await Self.makeKey(type, at: folder.path(of: "host_\(type)"))
        try await start()
    }

    /// How to reach it, with a key that it lets in.
    func endpoint(pinned: [HostKey]? = nil) throws -> SSHEndpoint {
        SSHEndpoint(
            name: "gpu",
            address: "127.0.0.1",
            port: port,
            user: NSUserName(),
            pinnedKeys: try pinned ?? [hostKey()],
            identityFile: folder.path(of: "client"),
            usesAgent: false
        )
    }

    /// A transport to the served files.
    func transport(
        root: String? = nil,
        timeouts: TransferTimeouts = TransferTimeouts(connectSeconds: 10, silenceSeconds: 10),
        bytesPerSecond: Int? = nil
    ) throws -> SFTPTransport {
        try SFTPTransport(
            endpoint: endpoint(),
            root: root ?? files.path,
            timeouts: timeouts,
            bytesPerSecond: bytesPerSecond
        )
    }

    /// How many logins it has seen.
    var loginCount: Int {
        process.withLock { $0?.errorLines ?? [] }.count { $0.contains("Accepted publickey") }
    }

    func start() async throws {
        let executable = try #require(Self.executable)
        if getuid() == 0 {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "sshd_config")
        let child = try ChildProcess(executable, ["-D", "-e", "-f", folder.path(of: "sshd_config")])
        _ = try await child.waitForError(containing: "Server listening on")
        process.withLock { $0 = child }
    }

    /// Ends it with all its sessions.
    func stop() {
        let child = process.withLock { $0.take() }
        guard let child else { return }
        let sessions = Self.descendants(of: child.identifier)
        child.signal(SIGKILL)
        for session in sessions { kill(session, SIGKILL) }
    }

    /// Sends all sessions a signal: `SIGKILL` breaks them, `SIGSTOP` makes them fall silent.
    func signalSessions(_ number: Int32) {
        guard let listener = process.withLock({ $0?.identifier }) else { return }
        for session in Self.descendants(of: listener) { kill(session, number) }
    }

    /// Stops the listener: the kernel still takes connections, and nobody says a word on them.
    func signalListener(_ number: Int32) { process.withLock { $0?.signal(number) } }

    static func makeKey(_ type: String, at path: String, passphrase: String = "") async throws {
        // ssh-keygen would ask whether to overwrite.
        try? FileManager.default.removeItem(atPath: path)
        let arguments = ["ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "test", "-f", path]
        let status = await withCheckedContinuation { continuation in
            // Not by Foundation: it tells the end of a child by the end of a pipe, which other children that are
            // started at the same moment keep open.
            Thread.detachNewThread { continuation.resume(returning: run("/usr/bin/ssh-keygen", arguments)) }
        }
        try #require(status == 0)
    }

    private static func run(_ program: String, _ arguments: [String]) -> Int32 {
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        var status: Int32 = -1
        guard posix_spawn(&child, program, nil, nil, &words, environ) == 0 else { return -1 }
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }

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

/// Runs `body` and returns what it throws; fails the test where it throws nothing.
func failure<Value>(
    _ body: () async throws -> Value,
    _ location: SourceLocation = #_sourceLocation
) async throws -> any Error {
    do {
        _ = try await body()
    } catch {
        return error
    }
    return try #require(nil as (any Error)?, "nothing was thrown", sourceLocation: location)
}

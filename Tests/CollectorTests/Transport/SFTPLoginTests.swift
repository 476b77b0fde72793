import Collector
import Files
import Foundation
import TestSupport
import Testing

/// What opens the door, and that nobody hears of it.
@Suite(.enabled(if: SFTPTestServer.executable != nil, SFTPTestServer.absence), .timeLimit(.minutes(2)))
struct SFTPLoginTests {
    @Test("a key in the agent opens the door")
    func agent() async {
        await #expect(processExitsWith: .success) {
            let server = try await SFTPTestServer()
            try server.files.write("x", to: "a")
            let socket = server.folder.path(of: "agent.sock")
            let agent = try ChildProcess("/usr/bin/ssh-agent", ["-D", "-a", socket])
            _ = try await agent.waitForOutput(containing: "SSH_AUTH_SOCK")
            setenv("SSH_AUTH_SOCK", socket, 1)
            var endpoint = try server.endpoint()
            endpoint.identityFile = nil
            endpoint.usesAgent = true
            let path = try RelativePath(validating: "a")
            let early = try SFTPTransport(endpoint: endpoint, root: server.files.path)
            let refusal = try await failure { try await early.status(of: path) }
            guard case CollectorError.authentication = refusal else { exit(2) }
            guard await runToEnd("/usr/bin/ssh-add", ["-q", server.folder.path(of: "client")]) == 0 else {
                exit(3)
            }
            let transport = try SFTPTransport(endpoint: endpoint, root: server.files.path)
            guard try await transport.bytes(of: path, from: 0, count: 1) == Array("x".utf8) else { exit(4) }
            await early.close()
            await transport.close()
            agent.signal(SIGKILL)
            server.server.stop()
        }
    }

    @Test("an encrypted key opens with a passphrase that has spaces at both ends")
    func passphrase() async throws {
        let secret = "  four words with spaces  "
        let server = try await SFTPTestServer(passphrase: secret)
        try server.files.write("x", to: "a")
        var endpoint = try server.endpoint()
        endpoint.passphraseFile = server.folder.path(of: "passphrase")
        for text in [secret + "\n", secret] {
            try server.folder.write(text, to: "passphrase")
            #expect(chmod(server.folder.path(of: "passphrase"), 0o600) == 0)
            #expect(try await firstByte(endpoint, root: server.files.path) == Array("x".utf8))
        }
        try server.folder.write("wrong-\(secret)", to: "passphrase")
        let error = try await failure { try await firstByte(endpoint, root: server.files.path) }
        guard case CollectorError.authentication = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!"\(error)".contains("words"))
    }

    @Test(
        "keys and secrets that others can read are refused before anything is sent",
        arguments: [0o644, 0o640, 0o604]
    )
    func modes(mode: Int) async throws {
        let server = try await SFTPTestServer()
        let secret = "correct horse battery staple"
        for field in ["identity", "passphrase", "password"] {
            var endpoint = try server.endpoint()
            let file = server.folder.path(of: "loose-\(field)")
            try server.folder.write(secret, to: "loose-\(field)")
            #expect(chmod(file, mode_t(mode)) == 0)
            switch field {
            case "identity": endpoint.identityFile = file
            case "passphrase": endpoint.passphraseFile = file
            default: endpoint.passwordFile = file
            }
            let error = try await failure { try SFTPTransport(endpoint: endpoint, root: "/") }
            guard case CollectorError.configuration(file, nil, let reason) = error else {
                Issue.record("\(field): \(error)")
                continue
            }
            #expect(reason.contains("chmod 600"))
            #expect(!"\(error)".contains("horse"))
        }
        #expect(server.loginCount == 0)
    }

    @Test("a password that is not accepted is an authentication error without the password in it")
    func wrongPassword() async throws {
        let server = try await SFTPTestServer(["PasswordAuthentication yes"])
        var endpoint = try server.endpoint()
        endpoint.identityFile = nil
        endpoint.passwordFile = server.folder.path(of: "password")
        let secret = "hunter2-\(UUID().uuidString)"
        try server.folder.write(secret + "\n", to: "password")
        #expect(chmod(server.folder.path(of: "password"), 0o600) == 0)
        let error = try await failure { try await firstByte(endpoint, root: "/") }
        guard case CollectorError.authentication = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!"\(error)\(String(reflecting: error))".contains(secret))
    }

    @Test("no failure shows a secret, and the private files are gone afterwards")
    func secretsStayHidden() async throws {
        let secret = "s3cr3t-\(UUID().uuidString)"
        let server = try await SFTPTestServer(passphrase: secret)
        var endpoint = try server.endpoint()
        endpoint.passphraseFile = server.folder.path(of: "passphrase")
        endpoint.passwordFile = server.folder.path(of: "passphrase")
        try server.folder.write(secret, to: "passphrase")
        #expect(chmod(server.folder.path(of: "passphrase"), 0o600) == 0)

        var closedPort = endpoint
        closedPort.port = try LoopbackPort.free()
        var unknownHost = endpoint
        unknownHost.address = "no-such-host.invalid"
        var wrongUser = endpoint
        wrongUser.user = "nobody-\(secret.prefix(3))"
        var wrongPin = endpoint
        try SSHServer.makeKey("ed25519", at: server.folder.path(of: "foreign"))
        wrongPin.pinnedKeys = [try #require(HostKey(try server.folder.readText("foreign.pub")))]
        var noTunnel = endpoint
        noTunnel.tunnelSocket = server.folder.path(of: "no.sock")
        var errors: [any Error] = []
        for failing in [closedPort, unknownHost, wrongUser, wrongPin, noTunnel] {
            errors.append(try await failure { try await firstByte(failing, root: server.files.path) })
        }
        errors.append(try await failure { try await firstByte(endpoint, root: server.files.path + "/gone") })
        for error in errors {
            #expect(error is CollectorError, "\(error)")
            #expect(!"\(error)\(String(reflecting: error))".contains(secret), "\(error)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter {
            $0.hasPrefix("voxsite-ssh-")
                && (try? String(contentsOfFile: "/tmp/\($0)/known_hosts", encoding: .utf8))?
                    .contains(":\(server.port) ") ?? false
        }
        #expect(left == [])
    }
}

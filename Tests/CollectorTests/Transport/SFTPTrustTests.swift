import Collector
import Files
import Foundation
import TestSupport
import Testing

/// The trust that a connection needs, against a real sshd.
@Suite(.enabled(if: SFTPTestServer.executable != nil, SFTPTestServer.absence), .timeLimit(.minutes(2)))
struct SFTPTrustTests {
    private func firstByte(_ endpoint: SSHEndpoint, root: String) async throws -> [UInt8] {
        let timeouts = TransferTimeouts(connectSeconds: 10, silenceSeconds: 10)
        let transport = try SFTPTransport(endpoint: endpoint, root: root, timeouts: timeouts)
        let bytes: [UInt8]
        do {
            bytes = try await transport.bytes(of: RelativePath(validating: "a"), from: 0, count: 1)
        } catch {
            await transport.close()
            throw error
        }
        await transport.close()
        return bytes
    }

    @Test("only a pinned key is trusted; a changed one stops everything and shows both fingerprints")
    func changedKey() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("x", to: "a")
        let pinned = try server.hostKey()
        let endpoint = try server.endpoint(pinned: [pinned])
        #expect(try await firstByte(endpoint, root: server.files.path) == Array("x".utf8))
        try await server.changeHostKey()
        let error = try await failure { try await firstByte(endpoint, root: server.files.path) }
        #expect(
            error as? CollectorError
                == .hostKeyChanged(
                    host: "gpu",
                    pinned: pinned.fingerprint,
                    offered: try server.hostKey().fingerprint
                )
        )
        #expect(server.loginCount == 0, "nothing may be shown to a host that is not trusted")
    }

    @Test("a key that changes under a running transport stops its next connection")
    func changedKeyLater() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("x", to: "a")
        let transport = try server.transport()
        let path = try RelativePath(validating: "a")
        #expect(try await transport.bytes(of: path, from: 0, count: 1) == Array("x".utf8))
        try await server.changeHostKey()
        let error = try await failure { try await transport.bytes(of: path, from: 0, count: 1) }
        guard case CollectorError.hostKeyChanged = error else {
            Issue.record("\(error)")
            return
        }
        await transport.close()
    }

    @Test("any of several pinned keys of one kind is trusted")
    func severalPins() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("x", to: "a")
        let old = try server.hostKey()
        try await server.changeHostKey()
        let endpoint = try server.endpoint(pinned: [old, server.hostKey()])
        #expect(try await firstByte(endpoint, root: server.files.path) == Array("x".utf8))
    }

    @Test("the pinned kind of key is asked for, whatever others the server has")
    func kindIsForced() async throws {
        let server = try await SFTPTestServer(hostKeyTypes: ["rsa", "ecdsa", "ed25519"])
        try server.files.write("x", to: "a")
        for kind in ["ed25519", "ecdsa"] {
            let endpoint = try server.endpoint(pinned: [server.hostKey(kind)])
            #expect(try await firstByte(endpoint, root: server.files.path) == Array("x".utf8), "\(kind)")
        }
        // libssh2 prefers ECDSA where nothing is pinned; the RSA key is of no use to it.
        let both = try server.endpoint(pinned: [server.hostKey("rsa"), server.hostKey()])
        #expect(try await firstByte(both, root: server.files.path) == Array("x".utf8))
    }

    @Test("without a pinned key nothing starts")
    func noPins() async throws {
        let server = try await SFTPTestServer()
        let endpoint = try server.endpoint(pinned: [])
        #expect(throws: CollectorError.hostUnknown("gpu")) {
            try SFTPTransport(endpoint: endpoint, root: "/")
        }
    }

    @Test("a server with nothing that libssh2 speaks is recognised, so that ssh can be tried")
    func negotiation() async throws {
        let hardened = try await SFTPTestServer([
            "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com",
            "MACs hmac-sha2-512-etm@openssh.com",
        ])
        let rsaOnly = try await SFTPTestServer(hostKeyTypes: ["rsa"])
        let withoutSFTP = try await SFTPTestServer(hasSFTP: false)
        let endpoints = try [
            hardened.endpoint(), rsaOnly.endpoint(pinned: [rsaOnly.hostKey("rsa")]), withoutSFTP.endpoint(),
        ]
        for endpoint in endpoints {
            let error = try await failure { try await firstByte(endpoint, root: "/") }
            #expect(SFTPTransport.isNegotiationFailure(error), "\(error)")
            #expect("\(error)".contains("host:path"), "\(error)")
        }
    }

    @Test("other failures are not taken for a lack of common encryption")
    func otherFailures() async throws {
        let server = try await SFTPTestServer()
        var stranger = try server.endpoint()
        try await SFTPTestServer.makeKey("ed25519", at: server.folder.path(of: "stranger"))
        stranger.identityFile = server.folder.path(of: "stranger")
        let refused = try await failure { try await firstByte(stranger, root: "/") }
        guard case CollectorError.authentication = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(!SFTPTransport.isNegotiationFailure(refused))

        var nobody = try server.endpoint()
        nobody.port = try LoopbackPort.free()
        let absent = try await failure { try await firstByte(nobody, root: "/") }
        guard case CollectorError.connection = absent else {
            Issue.record("\(absent)")
            return
        }
        #expect(!SFTPTransport.isNegotiationFailure(absent))

        var keyless = try server.endpoint()
        keyless.identityFile = nil
        let nothing = try await failure { try await firstByte(keyless, root: "/") }
        guard case CollectorError.authentication = nothing else {
            Issue.record("\(nothing)")
            return
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
        try await SFTPTestServer.makeKey("ed25519", at: server.folder.path(of: "foreign"))
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

    @Test("a jump host's tunnel carries the connection, and the host's own key is still checked")
    func tunnel() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("x", to: "a")
        let socket = server.folder.path(of: "x.sock")
        let arguments = [
            "-F", "none", "-N", "-i", server.folder.path(of: "client"), "-p", "\(server.port)",
            "-o", "ExitOnForwardFailure=yes", "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=\(server.folder.path(of: "known"))", "-v",
            "-L", "\(socket):127.0.0.1:\(server.port)", "127.0.0.1",
        ]
        let jump = try ChildProcess("/usr/bin/ssh", arguments)
        _ = try await jump.waitForError(containing: "Entering interactive session")
        var endpoint = try server.endpoint()
        endpoint.tunnelSocket = socket
        #expect(try await firstByte(endpoint, root: server.files.path) == Array("x".utf8))
        try await SFTPTestServer.makeKey("ed25519", at: server.folder.path(of: "foreign"))
        endpoint.pinnedKeys = [try #require(HostKey(try server.folder.readText("foreign.pub")))]
        let error = try await failure { try await firstByte(endpoint, root: server.files.path) }
        guard case CollectorError.hostKeyChanged = error else {
            Issue.record("\(error)")
            return
        }
        jump.signal(SIGKILL)
    }
}

import Collector
import Files
import Foundation
import TestSupport
import Testing

/// The trust that a connection needs, against a real sshd.
@Suite(.enabled(if: SFTPTestServer.executable != nil, SFTPTestServer.absence), .timeLimit(.minutes(2)))
struct SFTPTrustTests {
    @Test("only a pinned key is trusted; a changed one stops everything and shows both fingerprints")
    func changedKey() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("x", to: "a")
        let pinned = try server.hostKey()
        let endpoint = try server.endpoint(pinned: [pinned])
        #expect(try await firstByte(endpoint, root: server.files.path) == Array("x".utf8))
        try await server.server.changeHostKey()
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
        try await server.server.changeHostKey()
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
        try await server.server.changeHostKey()
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
        try SSHServer.makeKey("ed25519", at: server.folder.path(of: "stranger"))
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

    @Test("a server that hangs up before the keys are exchanged is a broken connection, worth another try")
    func hangsUp() async throws {
        for greeting in [
            "", "Exceeded MaxStartups\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n",
        ] {
            let listener = try LoopbackListener { connection in
                let bytes = Array(greeting.utf8)
                send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                shutdown(connection, Int32(SHUT_WR))
                var rest = [UInt8](repeating: 0, count: 4096)
                while recv(connection, &rest, rest.count, 0) > 0 {}
            }
            let server = try await SFTPTestServer()
            var endpoint = try server.endpoint()
            endpoint.port = listener.port
            let error = try await failure { try await firstByte(endpoint, root: "/") }
            guard case CollectorError.connection = error else {
                Issue.record("\(greeting): \(error)")
                continue
            }
        }
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
        try SSHServer.makeKey("ed25519", at: server.folder.path(of: "foreign"))
        endpoint.pinnedKeys = [try #require(HostKey(try server.folder.readText("foreign.pub")))]
        let error = try await failure { try await firstByte(endpoint, root: server.files.path) }
        guard case CollectorError.hostKeyChanged = error else {
            Issue.record("\(error)")
            return
        }
        jump.signal(SIGKILL)
    }
}

import Collector
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// A server and the files that its clients see, for tests of SFTP.
final class SFTPTestServer: Sendable {
    static let executable = SSHServer.executable

    /// What a test that skips says.
    static let absence = Comment(rawValue: SSHServer.absence)

    let server: SSHServer
    /// What it serves, as its clients see it: a folder of this machine.
    let files: TemporaryDirectory

    var port: Int { server.port }
    /// Holds keys and configuration.
    var folder: TemporaryDirectory { server.folder }
    /// How many logins it has seen.
    var loginCount: Int { server.loginCount }

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
        var options = SSHServer.Options()
        options.lines = lines
        options.hostKeyTypes = hostKeyTypes
        options.passphrase = passphrase
        options.clientKeyType = clientKeyType
        options.hasSFTP = hasSFTP
        files = try TemporaryDirectory()
        server = try await SSHServer(options)
    }

    /// The public key of one kind.
    func hostKey(_ type: String = "ed25519") throws -> HostKey {
        try #require(HostKey(try server.hostKey(type)))
    }

    /// How to reach it, with a key that it lets in.
    func endpoint(pinned: [HostKey]? = nil) throws -> SSHEndpoint {
        SSHEndpoint(
            name: "gpu",
            address: "127.0.0.1",
            port: port,
            user: server.user,
            pinnedKeys: try pinned ?? [hostKey()],
            identityFile: server.clientKeyFile,
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
}

/// Connects anew and reads the first byte of the file `a` below a root.
func firstByte(_ endpoint: SSHEndpoint, root: String) async throws -> [UInt8] {
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

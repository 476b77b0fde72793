import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// Passwords from a file, at a server that lets nobody in without one.
@Suite(
    .enabled(if: SSHServer.passwordAbsence == nil, "\(SSHServer.passwordAbsence ?? "")"),
    .serialized,
    .timeLimit(.minutes(2))
)
struct PasswordLoginTests {
    /// A bad password, but a legal one; and one that a shell would like.
    static let passwords = ["    ", #" it's "$HOME" `id` \ "#]

    private func hosts(_ server: SSHServer, _ password: String) throws -> HostDirectory {
        try server.folder.write(password + "\n", to: "client-password")
        chmod(server.folder.path(of: "client-password"), 0o600)
        var known = try server.known().host
        known.identityFile = nil
        known.passwordFile = server.folder.path(of: "client-password")
        return try HostDirectory([known])
    }

    private func server(_ password: String) async throws -> SSHServer {
        var options = SSHServer.Options()
        options.password = password
        options.lines = ["PubkeyAuthentication no"]
        return try await SSHServer(options)
    }

    @Test(arguments: passwords, [ChannelPreference.exec, .sftp, .auto])
    func `the password in the file opens every channel`(
        password: String,
        preference: ChannelPreference
    ) async throws {
        let (server, files) = (try await server(password), try TemporaryDirectory())
        try files.write("{}\n", to: "metrics.jsonl")
        let opener = TransportOpener(hosts: try hosts(server, password), preference: preference)
        let transport = try await opener.open(Location(parsing: "gpu:\(files.path)"))
        #expect(
            try await transport.bytes(of: relative("metrics.jsonl"), from: 0, count: 9) == Array("{}\n".utf8)
        )
        await transport.close()
        #expect(server.log.contains("Accepted password for \(server.user)"))
    }

    @Test(arguments: [ChannelPreference.exec, .sftp])
    func `a wrong one is an authentication error, and is not in it`(
        _ preference: ChannelPreference
    ) async throws {
        let server = try await server("right")
        let opener = TransportOpener(hosts: try hosts(server, "wrong-s3cret"), preference: preference)
        do {
            _ = try await opener.open(Location(parsing: "gpu:/")).status(of: relative("tmp"))
            Issue.record("it was let in")
        } catch let error as CollectorError {
            guard case .authentication("gpu", _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!"\(error)".contains("s3cret") && "\(error)".contains("password_file"))
        }
    }
}

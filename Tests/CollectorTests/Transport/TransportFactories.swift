import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// A transport with the folder that it shows, so that tests can look behind it.
final class TransportFixture: Sendable {
    let transport: any Transport
    /// The root, as a folder of this machine.
    let folder: TemporaryDirectory
    /// Servers and their tools, which live as long as the fixture.
    private let kept: [any AnyObject & Sendable]

    init(
        _ transport: any Transport,
        _ folder: TemporaryDirectory,
        keeping kept: [any AnyObject & Sendable] = []
    ) {
        self.transport = transport
        self.folder = folder
        self.kept = kept
    }

    /// The transport, for tests of writing.
    func writable() throws -> any WritableTransport {
        try #require(transport as? any WritableTransport)
    }
}

/// One way to reach a folder: every test of the conformance suite runs against each of these.
struct TransportFactory: Sendable, CustomTestStringConvertible {
    let name: String
    /// Why it cannot run here; nil where it can.
    let absence: String?
    /// Whether it can be written to.
    let isWritable: Bool
    /// Whether what is a link there can be told; a web server decides by itself what it follows and shows.
    let tellsLinks: Bool
    let make: @Sendable () async throws -> TransportFixture

    var testDescription: String { name }

    init(
        _ name: String,
        absence: String? = nil,
        isWritable: Bool,
        tellsLinks: Bool = true,
        make: @escaping @Sendable () async throws -> TransportFixture
    ) {
        self.name = name
        self.absence = absence
        self.isWritable = isWritable
        self.tellsLinks = tellsLinks
        self.make = make
    }

    /// All that can run here; the others say why they do not.
    static let available: [TransportFactory] = all.filter { factory in
        if let absence = factory.absence { print("SKIPPED: conformance of \(factory.name): \(absence)") }
        return factory.absence == nil
    }

    /// Those of them that take writes.
    static let writable: [TransportFactory] = available.filter(\.isWritable)

    /// Every transport there is.
    ///
    /// A new one is added here and nowhere else.
    static let all: [TransportFactory] = [
        local, exec, execThroughJump, execWithBusybox, sftp, combined, combinedThroughJump, http,
    ]

    static let local = TransportFactory("local", isWritable: true) {
        let folder = try TemporaryDirectory()
        return TransportFixture(LocalTransport(root: folder.path), folder)
    }

    static let sftp = TransportFactory("sftp", absence: noServer, isWritable: false) {
        try await opened(.sftp, jumps: 0)
    }

    static let combined = TransportFactory("combined", absence: noServer, isWritable: true) {
        try await opened(.auto, jumps: 0)
    }

    static let combinedThroughJump = TransportFactory(
        "combined-jump",
        absence: noServer,
        isWritable: true
    ) { try await opened(.auto, jumps: 1) }

    /// A web server that lists folders; ours lists none.
    static let http = TransportFactory(
        "http",
        absence: NginxTestServer.executable == nil ? NginxTestServer.absence.rawValue : nil,
        isWritable: false,
        tellsLinks: false
    ) {
        let server = try await NginxTestServer()
        let transport = try HTTPTransport(origin: server.origin, path: "/files")
        return TransportFixture(transport, server.files, keeping: [server])
    }

    /// A transport as the opener makes it for `gpu:/folder`.
    private static func opened(_ preference: ChannelPreference, jumps: Int) async throws -> TransportFixture {
        var servers: [SSHServer] = []
        for _ in 0..<jumps { servers.append(try await SSHServer()) }
        let server = try await SSHServer()
        let folder = try TemporaryDirectory()
        var opener = TransportOpener(
            hosts: try server.directory(through: servers),
            preference: preference
        )
        // On this machine every way is short, and SFTP would never be taken.
        opener.longRoundTrip = .zero
        let transport = try await opener.open(Location(parsing: "gpu:\(folder.path)"))
        return TransportFixture(transport, folder, keeping: servers + [server])
    }

    private static let noServer = SSHServer.executable == nil ? SSHServer.absence : nil

    static let exec = TransportFactory("ssh-exec", absence: noServer, isWritable: true) {
        let server = try await SSHServer()
        let folder = try TemporaryDirectory()
        let transport = try await SSHExecTransport.connect(to: server.known(), root: folder.path)
        return TransportFixture(transport, folder, keeping: [server])
    }

    static let execThroughJump = TransportFactory("ssh-exec-jump", absence: noServer, isWritable: true) {
        let jump = try await SSHServer()
        let server = try await SSHServer()
        let folder = try TemporaryDirectory()
        let transport = try await SSHExecTransport.connect(
            to: server.known(through: [jump]),
            root: folder.path
        )
        return TransportFixture(transport, folder, keeping: [server, jump])
    }

    static let execWithBusybox = TransportFactory(
        "ssh-exec-busybox",
        absence: noServer ?? (Busybox.executable == nil ? Busybox.absence : nil),
        isWritable: true
    ) {
        let folder = try TemporaryDirectory()
        let tools = try Busybox.makeFolder()
        var options = SSHServer.Options()
        options.path = tools.path
        let server = try await SSHServer(options)
        let transport = try await SSHExecTransport.connect(to: server.known(), root: folder.path)
        return TransportFixture(transport, folder, keeping: [server, tools])
    }
}

extension SSHServer {
    /// The server in a hosts.yaml, under the name `gpu`.
    func directory(through jumps: [SSHServer] = []) throws -> HostDirectory {
        var resolved = try known(through: jumps)
        for index in resolved.jumps.indices.dropFirst() {
            resolved.jumps[index].jump = resolved.jumps[index - 1].name
        }
        resolved.host.jump = resolved.jumps.last?.name
        return try HostDirectory(resolved.jumps + [resolved.host])
    }

    /// The server as a known host, perhaps behind others.
    func known(_ name: String = "gpu", through jumps: [SSHServer] = []) throws -> ResolvedHost {
        func known(_ server: SSHServer, _ name: String) throws -> KnownHost {
            KnownHost(
                name: name,
                user: server.user,
                address: "127.0.0.1",
                port: server.port,
                keys: [try #require(HostKey(server.hostKey()))],
                identityFile: server.clientKeyFile,
                usesAgent: false
            )
        }
        return ResolvedHost(
            host: try known(self, name),
            jumps: try jumps.enumerated().map { try known($1, "jump\($0)") }
        )
    }
}

import Collector
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Trust begins once, by hand, and a changed key stops everything; sync.md, section 3, "Host keys".
@Suite(.enabled(if: SSHServer.executable != nil, "no sshd here: apt install openssh-server"), .serialized)
struct HostTrustTests {
    private func file(_ folder: TemporaryDirectory) -> String { folder.path(of: "config/hosts.yaml") }

    private func reference(_ server: SSHServer) -> Location.HostReference {
        Location.HostReference(user: server.user, name: "127.0.0.1", port: server.port)
    }

    private func fingerprint(_ server: SSHServer) throws -> String {
        try #require(HostKey(server.hostKey())).fingerprint
    }

    private func changed(_ name: String, _ pinned: String, _ offered: String) -> CollectorError {
        .hostKeyChanged(host: name, pinned: pinned, offered: offered)
    }

    @Test func aHostIsAddedWithItsFingerprintAndConnectsThroughAnAddedJumpHost() async throws {
        let folder = try TemporaryDirectory()
        let jump = try await SSHServer()
        let server = try await SSHServer(clientKeyFile: jump.clientKeyFile)
        let enrolment = HostEnrolment(file: file(folder), confirm: nil)
        let added = try await enrolment.add(
            HostEnrolment.Request(
                name: "gpu",
                address: reference(server),
                jump: reference(jump).description,
                fingerprint: fingerprint(server),
                jumpFingerprint: fingerprint(jump),
                identity: jump.clientKeyFile
            )
        )
        #expect(added.map(\.name) == ["gpu-jump", "gpu"])
        #expect(try FileIdentity(ofFileAt: file(folder)).mode == 0o600)
        let directory = try HostDirectory(contentsOf: file(folder))
        let opener = TransportOpener(hosts: directory, preference: .exec)
        let transport = try await opener.open(Location(parsing: "gpu:\(folder.path)"))
        #expect(try await transport.status(of: RelativePath(validating: "config"))?.kind == .directory)
        await transport.close()
        // Again: it is known, and nothing changes.
        let before = try folder.readText("config/hosts.yaml")
        let again = HostEnrolment.Request(name: "gpu", address: reference(server), jump: "gpu-jump")
        #expect(try await enrolment.add(again).isEmpty)
        #expect(try folder.readText("config/hosts.yaml") == before)
    }

    @Test func withoutAFingerprintOrAPersonNothingIsStoredAndTheCommandIsNamed() async throws {
        let folder = try TemporaryDirectory()
        let server = try await SSHServer()
        let request = HostEnrolment.Request(name: "gpu", address: reference(server))
        do {
            _ = try await HostEnrolment(file: file(folder), confirm: nil).add(request)
            Issue.record("it was trusted")
        } catch let error as CollectorError {
            let command =
                "voxsite hosts add gpu \(reference(server)) --fingerprint \(try fingerprint(server))"
            #expect("\(error)".contains(command))
        }
        var wrong = request
        wrong.fingerprint = "SHA256:" + String(repeating: "A", count: 43)
        await #expect(throws: CollectorError.self) {
            try await HostEnrolment(file: file(folder), confirm: { _ in true }).add(wrong)
        }
        wrong.fingerprint = String(try fingerprint(server).dropLast())
        await #expect(throws: CollectorError.self) {
            try await HostEnrolment(file: file(folder), confirm: { _ in true }).add(wrong)
        }
        await #expect(throws: CollectorError.self) {
            try await HostEnrolment(file: file(folder), confirm: { _ in false }).add(request)
        }
        #expect(!folder.exists("config/hosts.yaml"))
        // A person who says yes to what is shown.
        let shown = Mutex<[String]>([])
        let added = try await HostEnrolment(file: file(folder)) { offer in
            shown.withLock { $0.append(offer.fingerprint) }
            return true
        }.add(request)
        let expected = [try fingerprint(server)]
        #expect(added.count == 1 && shown.withLock { $0 } == expected)
    }

    @Test func askingForAKeyShowsTheHostNoCredential() async throws {
        let folder = try TemporaryDirectory()
        var options = SSHServer.Options()
        options.lines = ["LogLevel DEBUG1"]
        let server = try await SSHServer(options)
        let request = HostEnrolment.Request(
            name: "gpu",
            address: reference(server),
            fingerprint: try fingerprint(server),
            identity: server.clientKeyFile
        )
        _ = try await HostEnrolment(file: file(folder), confirm: nil).add(request)
        #expect(server.log.contains("method none"))
        #expect(!server.log.contains("method publickey") && !server.log.contains("method password"))
    }

    @Test func aChangedKeyStopsCommandsTunnelsJumpsAndSFTPWithBothFingerprints() async throws {
        let folder = try TemporaryDirectory()
        let jump = try await SSHServer()
        let server = try await SSHServer()
        let chain = try server.known("gpu", through: [jump])
        let direct = try server.known("gpu")
        let directory = try server.directory(through: [jump])
        let (oldServer, oldJump) = (try fingerprint(server), try fingerprint(jump))

        try await server.changeHostKey()
        let forServer = changed("gpu", oldServer, try fingerprint(server))
        let newServer = try fingerprint(server)
        #expect(oldServer != newServer)
        for host in [direct, chain] {
            await #expect(throws: forServer) { _ = try await SSHExecTransport.connect(to: host, root: "/") }
        }
        for preference in [ChannelPreference.auto, .exec, .sftp] {
            let opener = TransportOpener(hosts: directory, preference: preference)
            do {
                _ = try await opener.open(Location(parsing: "gpu:\(folder.path)"))
                Issue.record("it was opened by \(preference)")
            } catch let error as CollectorError {
                #expect(error == forServer, "\(preference)")
                #expect(error.retryClass == .fatal && error.exitStatus == 5)
            }
        }
        let location = try Location(parsing: "gpu:\(folder.path)")
        await #expect(throws: forServer) {
            _ = try await TransportOpener(hosts: directory).openWritable(location)
        }

        try await jump.changeHostKey()
        let forJump = changed("jump0", oldJump, try fingerprint(jump))
        await #expect(throws: forJump) { _ = try await SSHExecTransport.connect(to: chain, root: "/") }
        let tunnel = try SSHTunnel(to: chain, connectSeconds: 20)
        await #expect(throws: forJump) { try await tunnel.open() }
        await tunnel.close()
        // Adding and moving through it, too.
        try folder.write(
            "hosts:\n" + HostFileEditor.block(try #require(directory.hosts["jump0"]), indent: 2)
                + HostFileEditor.block(try #require(directory.hosts["gpu"]), indent: 2),
            to: "hosts.yaml"
        )
        chmod(folder.path(of: "hosts.yaml"), 0o600)
        let enrolment = HostEnrolment(file: folder.path(of: "hosts.yaml"), confirm: { _ in true })
        await #expect(throws: forJump) {
            _ = try await enrolment.add(
                HostEnrolment.Request(name: "other", address: reference(server), jump: "jump0")
            )
        }
        await #expect(throws: forJump) { _ = try await enrolment.move("gpu", to: reference(server)) }
    }

    @Test func aHostWhoseKindOfKeyIsGoneIsAChangedHost() async throws {
        var options = SSHServer.Options()
        options.hostKeyTypes = ["rsa"]
        let server = try await SSHServer(options)
        var host = try server.known()
        host.host.keys = [try #require(HostKey(HostFileTests.key))]
        do {
            _ = try await SSHExecTransport.connect(to: host, root: "/")
            Issue.record("it connected")
        } catch let error as CollectorError {
            guard case .hostKeyChanged("gpu", _, let offered) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(offered.contains("rsa"))
        }
        // With its own key pinned it is welcome, although libssh2 could not do it.
        let transport = try await SSHExecTransport.connect(to: server.known(), root: "/")
        await transport.close()
    }

    @Test func aNameNeverGetsASecondKey() async throws {
        let folder = try TemporaryDirectory()
        let server = try await SSHServer()
        let other = try await SSHServer()
        let enrolment = HostEnrolment(file: file(folder), confirm: { _ in true })
        _ = try await enrolment.add(HostEnrolment.Request(name: "gpu", address: reference(server)))
        let before = try folder.readText("config/hosts.yaml")
        let expected = changed("gpu", try fingerprint(server), try fingerprint(other))
        await #expect(throws: expected) {
            _ = try await enrolment.add(HostEnrolment.Request(name: "gpu", address: reference(other)))
        }
        await #expect(throws: expected) { _ = try await enrolment.move("gpu", to: reference(other)) }
        #expect(try folder.readText("config/hosts.yaml") == before)
        // Removed by hand, it may begin anew.
        #expect(try enrolment.remove("gpu").name == "gpu")
        _ = try await enrolment.add(HostEnrolment.Request(name: "gpu", address: reference(other)))
        // Moving to where the same machine answers is fine.
        var host = reference(other)
        host.name = "localhost"
        let moved = try await enrolment.move("gpu", to: host)
        #expect(moved.address == "localhost")
        #expect(try HostDirectory(contentsOf: file(folder)).hosts["gpu"]?.address == "localhost")
    }

    @Test func whatIsUnknownIsNotConnectedTo() async throws {
        let opener = TransportOpener(hosts: try HostDirectory([]))
        for text in ["gpu:/x", "root@127.0.0.1:/x", "sftp://127.0.0.1:2222/x"] {
            do {
                _ = try await opener.open(Location(parsing: text))
                Issue.record("\(text) was opened")
            } catch let error as CollectorError {
                guard case .hostUnknown = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect("\(error)".contains("voxsite hosts add"))
            }
        }
    }
}

import Files
import Foundation
import Subprocess
import TestSupport
import Testing

@testable import Collector

/// What breaks: connections, servers, disks; sync.md, section 4.
@Suite(.enabled(if: SSHServer.executable != nil, "no sshd here: apt install openssh-server"), .serialized)
struct SSHExecFaultTests {
    private let quick = TransferTimeouts(connectSeconds: 5, silenceSeconds: 2)

    @Test func aKilledSessionIsAnErrorAndTheNextRequestConnectsAnew() async throws {
        let (server, folder) = (try await SSHServer(), try TemporaryDirectory())
        try folder.write("hello", to: "file")
        let transport = try await SSHExecTransport.connect(to: server.known(), root: folder.path)
        for _ in 0..<3 {
            #expect(try await transport.status(of: relative("file"))?.size == 5)
            server.signalSessions(SIGKILL)
            // The death may be noticed by this request or have been noticed before it.
            do { _ = try await transport.status(of: relative("file")) } catch let error as CollectorError {
                #expect(error.retryClass == .transient, "\(error)")
            }
        }
        #expect(try await transport.bytes(of: relative("file"), from: 0, count: 9) == Array("hello".utf8))
        await transport.close()
    }

    @Test func aReadThatBreaksInTheMiddleIsNeverTakenForTheEndOfTheFile() async throws {
        let (server, folder) = (try await SSHServer(), try TemporaryDirectory())
        let size = 48 << 20
        try folder.write([UInt8](repeating: 7, count: size), to: "big")
        let transport = try await SSHExecTransport.connect(to: server.known(), root: folder.path)
        let begun = Flag()
        do {
            let count = try await transport.read(relative("big"), from: 0, count: size) { _ in
                if begun.raiseFirst() { server.signalSessions(SIGKILL) }
            }
            Issue.record("\(count) bytes came")
        } catch let error as CollectorError {
            #expect(error.retryClass == .transient, "\(error)")
        }
        await transport.close()
    }

    @Test func silenceEndsSessionsAndReadsInTime() async throws {
        let (server, folder) = (try await SSHServer(), try TemporaryDirectory())
        try folder.write([UInt8](repeating: 7, count: 32 << 20), to: "big")
        let transport = try await SSHExecTransport.connect(
            to: server.known(),
            root: folder.path,
            timeouts: quick
        )
        let clock = ContinuousClock()
        let begun = Flag()
        var start = clock.now
        await #expect(throws: CollectorError.timeout("gpu:\(folder.path)/big", seconds: 2)) {
            try await transport.read(relative("big"), from: 0, count: 32 << 20) { _ in
                if begun.raiseFirst() { server.signalSessions(SIGSTOP) }
            }
        }
        #expect(start.duration(to: clock.now) < .seconds(60))
        start = clock.now
        do {
            _ = try await transport.status(of: relative("big"))
            Issue.record("it answered")
        } catch let error as CollectorError {
            guard case .timeout = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(start.duration(to: clock.now) < .seconds(60))
        server.signalSessions(SIGKILL)
        #expect(try await transport.status(of: relative("big"))?.size == 32 << 20)
        await transport.close()
    }

    @Test func aHostThatIsSilentOrNotThereIsGivenUp() async throws {
        let server = try await SSHServer()
        var host = try server.known()
        server.stop()
        do {
            _ = try await SSHExecTransport.connect(to: host, root: "/", timeouts: quick)
            Issue.record("it connected")
        } catch let error as CollectorError {
            guard case .connection("gpu", let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("refused"))
        }
        // A listener that never says anything.
        let listener = try SilentListener()
        host.host.port = listener.port
        let clock = ContinuousClock()
        let start = clock.now
        let timeouts = TransferTimeouts(connectSeconds: 2, silenceSeconds: 2)
        await #expect(throws: CollectorError.connectTimeout(host: "gpu", seconds: 2)) {
            _ = try await SSHExecTransport.connect(to: host, root: "/", timeouts: timeouts)
        }
        #expect(start.duration(to: clock.now) < .seconds(60))
    }

    @Test func anAccountThatIsNotLetInIsAnAuthenticationError() async throws {
        let server = try await SSHServer()
        var host = try server.known()
        host.host.identityFile = server.folder.path(of: "stranger")
        try SSHServer.makeKey("ed25519", at: server.folder.path(of: "stranger"))
        do {
            _ = try await SSHExecTransport.connect(to: host, root: "/")
            Issue.record("it connected")
        } catch let error as CollectorError {
            guard case .authentication("gpu", let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!reason.contains("@"))
        }
    }

    @Test func aNoisyLoginSpoilsNothing() async throws {
        var options = SSHServer.Options()
        options.loginScript = "echo 'Welcome to the machine!'; printf 'no newline'; echo oops >&2\n"
        let (server, folder) = (try await SSHServer(options), try TemporaryDirectory())
        try folder.write([UInt8](repeating: 7, count: 3 << 20), to: "big")
        let transport = try await SSHExecTransport.connect(to: server.known(), root: folder.path)
        let bytes = try await transport.bytes(of: relative("big"), from: 1, count: 4 << 20)
        #expect(bytes == [UInt8](repeating: 7, count: (3 << 20) - 1))
        #expect(try await transport.sha256(of: relative("big"), prefix: 5).hex.count == 64)
        await transport.close()
    }

    @Test func closingLeavesNoProcessBehind() async throws {
        let (server, folder) = (try await SSHServer(), try TemporaryDirectory())
        let jump = try await SSHServer()
        let host = try server.known(through: [jump])
        let transport = try await SSHExecTransport.connect(to: host, root: folder.path)
        let private_ = transport.configuration.folder
        #expect(!Self.processes(with: private_).isEmpty)
        await transport.close()
        // The shared connection's own process takes a moment to end after it was told to.
        #expect(await withDeadline(seconds: 10) { await Self.goneProcesses(with: private_) } == true)
        #expect(!FileManager.default.fileExists(atPath: private_))
        let tunnel = try SSHTunnel(to: host, connectSeconds: 10)
        try await tunnel.open()
        let folderOfTunnel = FileSystem.folder(of: tunnel.socket)
        #expect(!Self.processes(with: folderOfTunnel).isEmpty)
        await tunnel.close()
        #expect(Self.processes(with: folderOfTunnel).isEmpty)
    }

    /// As after a kill -9 of its owner: all that is left of that is the end of the pipe.
    @Test func aTunnelEndsWithTheInputThatItsOwnerHeld() async throws {
        let (server, jump) = (try await SSHServer(), try await SSHServer())
        let tunnel = try SSHTunnel(to: server.known(through: [jump]), connectSeconds: 10)
        let process = tunnel.process
        let ended = try await process.run { running in
            var tries = 0
            while !FileManager.default.fileExists(atPath: tunnel.socket), tries < 500 {
                tries += 1
                try await Task.sleep(for: .milliseconds(20))
            }
            try await running.input.finish()
            return await withDeadline(seconds: 10) { () -> Bool? in
                do { for try await _ in running.output {} } catch { return nil }
                return true
            }
        }
        #expect(ended.result == true)
        #expect(Self.processes(with: FileSystem.folder(of: tunnel.socket)).isEmpty)
        await tunnel.close()
    }

    @Test func aTunnelThatBrokeIsOpenedAgain() async throws {
        let (server, jump) = (try await SSHServer(), try await SSHServer())
        let tunnel = try SSHTunnel(to: server.known(through: [jump]), connectSeconds: 10)
        try await tunnel.open()
        jump.signalSessions(SIGKILL)
        try await Task.sleep(for: .milliseconds(300))
        try await tunnel.open()
        try await tunnel.open()
        await tunnel.close()
    }

    /// As `-z` asks for: over either channel, and not where nothing can do it.
    @Test(arguments: [ChannelPreference.exec, .sftp])
    func compressionCarriesTheSame(_ preference: ChannelPreference) async throws {
        let folder = try TemporaryDirectory()
        let bytes = [UInt8](repeating: 65, count: 3 << 20)
        try folder.write(bytes, to: "file")
        let server = try await SSHServer()
        let opener = TransportOpener(hosts: try server.directory(), preference: preference, compresses: true)
        let transport = try await opener.open(Location(parsing: "gpu:\(folder.path)"))
        #expect(try await transport.bytes(of: relative("file"), from: 0, count: 4 << 20) == bytes)
        #expect(try await transport.text(of: relative("file"), from: 1, count: 1 << 20).count == 1 << 20)
        await transport.close()
        await #expect(throws: CollectorError.self) {
            try await opener.open(Location(parsing: "https://example.org/runs/"))
        }
    }

    @Test func whatServersOfferDecidesTheChannels() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("hello", to: "file")
        let location = try Location(parsing: "gpu:\(folder.path)")
        func description(
            _ options: SSHServer.Options,
            longRoundTrip: Duration = .zero,
            count: Int = 2 << 20
        ) async throws -> String {
            let server = try await SSHServer(options)
            var opener = TransportOpener(hosts: try server.directory())
            opener.longRoundTrip = longRoundTrip
            let transport = try await opener.open(location)
            #expect(
                try await transport.bytes(of: relative("file"), from: 1, count: count)
                    == Array("ello".utf8.prefix(count))
            )
            await transport.close()
            return transport.channelDescription
        }
        #expect(try await description(.init()).hasPrefix("sftp for much data (there and back in "))
        #expect(
            try await description(.init(), longRoundTrip: .seconds(60)).contains("alone; the way is short")
        )
        // Little data opens no second connection.
        #expect(
            try await description(.hardened, count: 3).hasSuffix(
                "; much data over sftp where the way is long"
            )
        )
        #expect(try await description(.hardened).contains("alone; sftp does not answer"))
        var noSFTP = SSHServer.Options()
        noSFTP.hasSFTP = false
        #expect(try await description(noSFTP).contains("alone; sftp does not answer"))
        var onlySFTP = SSHServer.Options()
        onlySFTP.runsCommands = false
        #expect(try await description(onlySFTP).hasPrefix("sftp alone; commands are not run there"))
        await #expect(throws: CollectorError.self) {
            let server = try await SSHServer(onlySFTP)
            _ = try await TransportOpener(hosts: server.directory()).openWritable(location)
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can mount a small file system"))
    func aFullDiskIsToldInTheFarSidesWords() async throws {
        let (server, folder) = (try await SSHServer(), try TemporaryDirectory())
        let mounted = try PlainCommand("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder.path])
        try #require(mounted.succeeded, "tmpfs cannot be mounted here")
        defer { _ = try? PlainCommand("/bin/umount", ["-l", folder.path]) }
        let transport = try await SSHExecTransport.connect(to: server.known(), root: folder.path)
        let source = PieceSource([[UInt8]](repeating: [UInt8](repeating: 7, count: 1 << 20), count: 4))
        do {
            _ = try await transport.write(relative("big"), at: 0, truncating: true) { await source.next() }
            Issue.record("it fitted")
        } catch let error as CollectorError {
            guard case .remoteFile(let path, _, let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(path == "gpu:\(folder.path)/big" && reason.contains("No space left on device"))
        }
        await transport.close()
    }

    /// Waits until no process shows a text; nil where that is given up.
    static func goneProcesses(with text: String) async -> Bool? {
        while !Task.isCancelled {
            if processes(with: text).isEmpty { return true }
            await Task.yield()
        }
        return nil
    }

    static func processes(with text: String) -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int($0) }.filter { number in
            let data = (try? Data(contentsOf: URL(filePath: "/proc/\(number)/cmdline"))) ?? Data()
            return data.range(of: Data(text.utf8)) != nil
        }
    }
}

/// A port where connections are taken and nothing is ever said.
final class SilentListener: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        port = try LoopbackPort.free()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, listen(descriptor, 8) == 0 else {
            throw CollectorError.connection(host: "127.0.0.1", reason: "it cannot be listened at")
        }
    }

    deinit { close(descriptor) }
}

/// A command that is over soon.
struct PlainCommand {
    let succeeded: Bool

    init(_ executable: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        succeeded = process.terminationStatus == 0
    }
}

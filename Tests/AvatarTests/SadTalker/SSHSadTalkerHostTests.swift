import Foundation
import TestSupport
import Testing

@testable import Avatar

/// A real sshd on this machine is the host with the graphics card.
@Suite(
    "SadTalker over ssh",
    .enabled(if: SSHServer.executable != nil, "no sshd here: apt install openssh-server")
)
struct SSHSadTalkerHostTests {
    private func host(
        _ server: SSHServer,
        in folder: TemporaryDirectory,
        key: String? = nil,
        alarm: Alarm? = nil
    ) throws -> SSHSadTalkerHost {
        let known = "[127.0.0.1]:\(server.port) \(try key ?? server.hostKey())\n"
        try folder.write(known, to: "known_hosts")
        let options = [
            "-F", "/dev/null", "-p", "\(server.port)", "-l", server.user, "-i", server.clientKeyFile, "-o",
            "IdentitiesOnly=yes", "-o", "GlobalKnownHostsFile=/dev/null", "-o",
            "UserKnownHostsFile=\(folder.path(of: "known_hosts"))", "-o", "StrictHostKeyChecking=no",
        ]
        var host = SSHSadTalkerHost(
            destination: SSHDestination(name: "gpu1", host: "127.0.0.1", options: options)
        )
        if let alarm { host.wait = alarm.wait }
        return host
    }

    @Test("A clip is drawn there, through a login that talks, and nothing is left behind there")
    func success() async throws {
        var options = SSHServer.Options()
        options.loginScript = "echo 'Welcome to gpu1'\necho careful >&2\n"
        let server = try await SSHServer(options)
        let standIn = try StandInSadTalker(StandInSadTalker.success)
        let report = try await standIn.render(on: host(server, in: standIn.folder))
        #expect(try standIn.folder.read("out/clip.mp4") == StandInSadTalker.successBytes)
        #expect(report.host == "gpu1")
        #expect(report.timings.map(\.stage).contains(.frames))
        #expect(try standIn.leftovers().isEmpty)
        let words = try standIn.seenArguments()
        let folder = try #require(words.first { WorkFolder.isOne($0) })
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("A crash there is told as here, with the words of the host's Python")
    func crash() async throws {
        let server = try await SSHServer()
        let standIn = try StandInSadTalker("echo \"No module named 'kornia'\" >&2; exit 1")
        let error = await standIn.failure(on: try host(server, in: standIn.folder)) as? AvatarError
        guard case .sadTalker("gpu1", let reason, _, let lines)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "it ended with status 1: a package is missing")
        #expect(lines == ["No module named 'kornia'"])
    }

    @Test("When the time is up, all that runs there ends")
    func timeout() async throws {
        let server = try await SSHServer()
        let standIn = try StandInSadTalker("trap '' TERM HUP\n\(StandInSadTalker.hang)")
        let line = try LifeLine(standIn.folder.path(of: "life"))
        let alarm = Alarm()
        let host = try host(server, in: standIn.folder, alarm: alarm)
        do {
            try await standIn.render(on: host) { if $0.stage == .frames { alarm.ring() } }
            Issue.record("it has not been ended")
        } catch let error as AvatarError {
            #expect(error == .timeout(what: "SadTalker on gpu1", seconds: 600))
        }
        #expect(line.isCut())
        let folder = try #require(try standIn.seenArguments().first { WorkFolder.isOne($0) })
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("When nobody wants the clip any more, all that runs there ends")
    func cancellation() async throws {
        let server = try await SSHServer()
        let standIn = try StandInSadTalker("trap '' TERM HUP\n\(StandInSadTalker.hang)")
        let host = try host(server, in: standIn.folder)
        try await SadTalkerEngineTests.expectCancelled(standIn, on: host)
    }

    @Test("A host that shows another key is refused, whatever the options say")
    func otherKey() async throws {
        let server = try await SSHServer()
        let other = try await SSHServer()
        let standIn = try StandInSadTalker(StandInSadTalker.success)
        let host = try host(server, in: standIn.folder, key: other.hostKey())
        guard case .sadTalkerHost("gpu1", let reason, _)? = await standIn.failure(on: host) as? AvatarError
        else {
            Issue.record("it was not refused")
            return
        }
        #expect(reason.contains("Host key verification failed"))
        #expect(server.loginCount == 0)
    }

    @Test("The doctor tells what is missing there")
    func doctor() async throws {
        let server = try await SSHServer()
        let standIn = try StandInSadTalker("exit 0")
        let host = try host(server, in: standIn.folder)
        var configuration = standIn.configuration
        configuration.checkout = "/nowhere"
        var examination = try await SadTalkerDoctor(configuration: configuration, host: host).examine()
        #expect(examination.findings.map(\.check) == [.checkout])
        configuration = standIn.configuration
        configuration.python = "no-such-python"
        examination = try await SadTalkerDoctor(configuration: configuration, host: host).examine()
        #expect(examination.findings.map(\.check) == [.python])
        server.stop()
        examination = try await SadTalkerDoctor(configuration: configuration, host: host).examine()
        #expect(examination.findings.map(\.check) == [.host])
    }

    @Test("A host that is an option is refused")
    func option() async throws {
        let host = SSHSadTalkerHost(
            destination: SSHDestination(name: "x", host: "-oProxyCommand=touch /tmp/x")
        )
        await #expect(throws: AvatarError.self) { try await host.makeFolder() }
    }
}

@Suite("Words for a shell on a host")
struct ShellTextTests {
    @Test("A shell takes any word as it is", arguments: 1...20)
    func quoting(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let letters = Array("ab '\"\\$`!*?;&|<>(){}[]~#=%\n\té-")
        let words = (0..<8).map { _ in
            String(
                (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                    letters.randomElement(using: &random)
                }
            )
        }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "printf '%s\\0' \(ShellText.quoted(words))"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let seen = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        #expect(seen.map { String(decoding: $0, as: UTF8.self) } == words, "seed \(seed)")
    }

    @Test("What a login says before the mark is left out, however the output is cut", arguments: 1...9)
    func mark(size: Int) {
        let bytes = Array("Welcome\nmark\nno\n\nmar\nmark!\n\nmark\nthe\nmark\nanswer".utf8)
        var output = MarkedOutput(mark: "mark")
        var rest: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            rest += output.take(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        // The first line that is the mark alone counts, also right after the login's first line.
        #expect(String(decoding: rest, as: UTF8.self) == "no\n\nmar\nmark!\n\nmark\nthe\nmark\nanswer")
    }

    @Test(
        "Only folders of clips are ever removed",
        arguments: [
            "/", "/tmp", "/tmp/voxsite-sadtalker-a/..", "voxsite-sadtalker-a", "/tmp/voxsite-sadtalker-$x",
        ]
    )
    func folders(path: String) { #expect(!WorkFolder.isOne(path)) }
}

import Foundation
import TestSupport
import Testing

/// SadTalker on a trusted host, as a shell sees it: the host is a real sshd on this machine, its SadTalker a stand-in
/// that behaves as `inference.py` does.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: SSHServer.executable != nil, Comment(rawValue: SSHServer.absence))
)
struct RemoteSadTalkerTests {
    private let folder: TemporaryDirectory
    private let server: SSHServer

    init() async throws {
        folder = try TemporaryDirectory()
        // A key that asks for its passphrase: hosts.yaml answers, nobody else is asked.
        var options = SSHServer.Options()
        options.passphrase = "a long sentence"
        server = try await SSHServer(options)
        try folder.write("a long sentence\n", to: "passphrase")
        try Self.set(0o600, folder.path(of: "passphrase"))
        try folder.write(
            """
            hosts:
              gpu:
                address: \(server.user)@127.0.0.1:\(server.port)
                host_key: \(try server.hostKey())
                identity: \(server.clientKeyFile)
                passphrase_file: \(folder.path(of: "passphrase"))
                agent: false

            """,
            to: "hosts.yaml"
        )
        try Self.set(0o600, folder.path(of: "hosts.yaml"))
        try folder.createDirectory("checkout")
        try folder.write(
            #"""
            #!/bin/sh
            if [ "$1" = -c ]; then
              printf '{"check":"python","state":"ok","detail":"Python 3.8.18"}\n'
              printf '{"check":"end","state":"ok","detail":""}\n'
              exit
            fi
            while [ $# -gt 0 ]; do [ "$1" = --result_dir ] && results=$2; shift; done
            printf '\000\000\000\020ftypisom\000\000\002\000drawn there' > "$results/2026_11_29_12.00.00.mp4"
            """#,
            to: "python"
        )
        try Self.set(0o755, folder.path(of: "python"))
        try folder.write(ToneFile.wave(seconds: 1), to: "tone.wav")
    }

    private func run(_ arguments: [String], host: String) async throws -> (status: Int32, talk: String) {
        let process = try ChildProcess(
            try #require(Products.executable("voxsite")),
            arguments,
            directory: folder.path,
            environment: [
                "VOXSITE_HOSTS": folder.path(of: "hosts.yaml"),
                "VOXSITE_SADTALKER_CHECKOUT": folder.path(of: "checkout"),
                "VOXSITE_SADTALKER_PYTHON": folder.path(of: "python"),
                "VOXSITE_SADTALKER_HOST": host,
            ]
        )
        let status = try await process.waitForExit(seconds: 60)
        return (status, (process.outputLines + process.errorLines).joined(separator: "\n"))
    }

    private let speak = [
        "speak", "--audio", "tone.wav", "--engine", "sadtalker", "--size", "256", "-o", "a.mp4",
    ]

    @Test func `a trusted host draws the clip, and its doctor finds it healthy`() async throws {
        let examined = try await run(["avatar", "doctor"], host: "gpu")
        #expect(examined.status == 0, "\(examined.talk)")
        #expect(examined.talk.contains("Python 3.8.18"))
        let made = try await run(speak, host: "gpu")
        #expect(made.status == 0, "\(made.talk)")
        #expect(try folder.readText("a.mp4").hasSuffix("drawn there"))
        #expect(server.loginCount > 0)
    }

    @Test func `a host that is not known is not connected to, and it is said how to make it known`()
        async throws
    {
        for arguments in [speak, ["avatar", "doctor"]] {
            let refused = try await run(arguments, host: "127.0.0.1.example")
            #expect(refused.status == 1)
            #expect(refused.talk.contains("not a known host"), "\(refused.talk)")
            #expect(refused.talk.contains("voxsite hosts add"), "\(refused.talk)")
        }
        #expect(server.loginCount == 0)
    }

    @Test func `a host that is down is named as people know it, with the command that tells more`()
        async throws
    {
        server.stop()
        let failed = try await run(["avatar", "doctor"], host: "gpu")
        #expect(failed.status == 1)
        #expect(failed.talk.contains("gpu") && !failed.talk.contains("voxsite-0"), "\(failed.talk)")
        #expect(failed.talk.contains("voxsite hosts check gpu"), "\(failed.talk)")
    }

    // MARK: Parts

    private static func set(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}

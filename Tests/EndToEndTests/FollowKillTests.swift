import Foundation
import TestSupport
import Testing

/// `voxsite sync --follow` that is killed at any moment: nothing is lost, doubled or reordered.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FollowKillTests {
    private static let rounds = 20
    private static let logs = ["a/metrics.jsonl", "a/train.log", "b/metrics.jsonl"]

    @Test func `killed again and again beside a local source, it ends with the same bytes`() async throws {
        let folder = try TemporaryDirectory()
        try await Self.check(from: folder.path(of: "source") + "/", hosts: nil, in: folder)
    }

    @Test(.enabled(if: SSHServer.executable != nil, "\(SSHServer.absence)"))
    func `killed again and again beside a host, it ends with the same bytes`() async throws {
        let (folder, server) = (try TemporaryDirectory(), try await SSHServer())
        try await Self.check(
            from: "gpu:\(folder.path(of: "source"))/",
            hosts: try Self.hosts(server, in: folder),
            in: folder
        )
    }

    @Test(.enabled(if: SSHServer.executable != nil, "\(SSHServer.absence)"))
    func `a second Ctrl-C does not wait for a host that has fallen silent`() async throws {
        let (folder, server) = (try TemporaryDirectory(), try await SSHServer())
        try folder.write("{}\n", to: "source/a/metrics.jsonl")
        let follower = try Self.start(
            "gpu:\(folder.path(of: "source"))/",
            hosts: try Self.hosts(server, in: folder),
            in: folder
        )
        _ = try await follower.waitForOutput(containing: "a/metrics.jsonl")
        server.signalListener(SIGSTOP)
        server.signalSessions(SIGSTOP)
        let start = ContinuousClock.now
        follower.signal(SIGINT)
        _ = try await follower.waitForError(containing: "one last look")
        // An echo of the first counts for nothing, so this goes on until it is a second one.
        let again = Task {
            while !Task.isCancelled {
                follower.signal(SIGINT)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        #expect(try await follower.waitForExit(seconds: 60) == 23)
        again.cancel()
        // One alone is given thirty seconds.
        #expect(ContinuousClock.now - start < .seconds(25))
        server.signalSessions(SIGKILL)
        server.signalListener(SIGCONT)
    }

    @Test func `the same signal twice at once, as wrappers send it, still makes a last pass`() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("1\n", to: "source/a/metrics.jsonl")
        let follower = try Self.start(folder.path(of: "source") + "/", hosts: nil, in: folder)
        _ = try await follower.waitForOutput(containing: "a/metrics.jsonl")
        try folder.append("2\n", to: "source/a/metrics.jsonl")
        follower.signal(SIGTERM)
        follower.signal(SIGINT)
        #expect(try await follower.waitForExit() == 0, "\(follower.errorLines)")
        #expect(try folder.readText("mirror/a/metrics.jsonl") == "1\n2\n")
    }

    // MARK: Parts

    private static func hosts(_ server: SSHServer, in folder: TemporaryDirectory) throws -> String {
        try folder.write(
            """
            hosts:
              gpu:
                address: \(server.user)@127.0.0.1:\(server.port)
                host_key: \(try server.hostKey())
                identity: \(server.clientKeyFile)
                agent: false

            """,
            to: "hosts.yaml"
        )
        let file = folder.path(of: "hosts.yaml")
        chmod(file, 0o600)
        return file
    }

    private static func start(
        _ source: String,
        hosts: String?,
        in folder: TemporaryDirectory
    ) throws -> ChildProcess {
        let program = try #require(Products.executable("voxsite"))
        let options = ["sync", "--follow", "-v"] + (hosts.map { ["--hosts=\($0)"] } ?? [])
        return try ChildProcess(
            program,
            options + [source, folder.path(of: "mirror") + "/"],
            directory: folder.path
        )
    }

    private static func check(from source: String, hosts: String?, in folder: TemporaryDirectory) async throws
    {
        var random = SeededRandom.fresh()
        var line = 0
        func write() throws {
            let log = logs[Int.random(in: logs.indices, using: &random)]
            let fill = String(repeating: "x", count: Int.random(in: 0...20_000, using: &random))
            try folder.append("{\"step\":\(line),\"fill\":\"\(fill)\"}\n", to: "source/\(log)")
            line += 1
        }
        for log in logs { try folder.write("", to: "source/\(log)") }
        try folder.write("{\"id\":\"a\"}", to: "source/a/run.json")
        for round in 0..<rounds {
            let follower = try start(source, hosts: hosts, in: folder)
            // Some are killed while they connect or compare, some in the middle of what they carry.
            if round % 3 > 0 { _ = try await follower.waitForError(containing: "connected over") }
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                try write()
                busyWait(microseconds: Int.random(in: 0...8_000, using: &random))
            }
            follower.signal(SIGKILL)
            _ = try await follower.waitForExit()
            try checkCopies(in: folder, isAtEnd: false, "round \(round), \(random)")
        }
        let last = try start(source, hosts: hosts, in: folder)
        _ = try await last.waitForError(containing: "connected over")
        try write()
        last.signal(SIGINT)
        #expect(try await last.waitForExit(seconds: 60) == 0, "\(last.errorLines)")
        try checkCopies(in: folder, isAtEnd: true, "\(random)")
    }

    /// Every copy is a beginning of its log, at the end all of it, and nothing else was ever collected.
    private static func checkCopies(
        in folder: TemporaryDirectory,
        isAtEnd: Bool,
        _ comment: String
    ) throws {
        for log in logs {
            let copy = (try? folder.read("mirror/\(log)")) ?? []
            let original = try folder.read("source/\(log)")
            let isRight = isAtEnd ? copy == original : original.starts(with: copy)
            #expect(isRight, "\(log): \(copy.count) of \(original.count) bytes, \(comment)")
        }
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path(of: "mirror"))) ?? []
        #expect(!names.contains { $0.contains(".gen") }, "\(names), \(comment)")
        if isAtEnd {
            let left = names.filter { $0.contains(".voxsite-partial") }
            #expect(left.isEmpty, "\(left)")
            #expect(try folder.readText("mirror/a/run.json") == "{\"id\":\"a\"}")
        }
    }

    private static func busyWait(microseconds: Int) {
        let end = ContinuousClock.now + .microseconds(microseconds)
        while ContinuousClock.now < end {}
    }
}

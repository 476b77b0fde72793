import Collector
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: SFTPTestServer.executable != nil, SFTPTestServer.absence), .timeLimit(.minutes(2)))
struct SFTPReadingTests {
    private static func path(_ text: String) throws -> RelativePath { try RelativePath(validating: text) }

    @Test("any range of a file comes as it is, also at and behind its end")
    func ranges() async throws {
        let server = try await SFTPTestServer()
        var random = SeededRandom.fresh()
        let bytes = random.bytes(3_000_000)
        try server.files.write(bytes, to: "logs/a b#%25?.jsonl")
        let transport = try server.transport()
        let path = try Self.path("logs/a b#%25?.jsonl")
        let edges = [(0, 1), (0, 3_000_000), (2_999_999, 5), (3_000_000, 1), (3_000_001, 10), (0, 4_000_000)]
        let drawn = (0..<20).map { _ in
            (Int.random(in: 0...3_100_000, using: &random), Int.random(in: 1...200_000, using: &random))
        }
        for (offset, count) in edges + drawn {
            let came = try await transport.bytes(of: path, from: offset, count: count)
            let expected = bytes.dropFirst(offset).prefix(count)
            #expect(came.elementsEqual(expected), "\(offset) \(count) \(random)")
        }
        #expect(server.loginCount == 1, "a read that ends before the file does must not cost the connection")
        await transport.close()
    }

    @Test("a file that is empty when it is looked at gives nothing behind its start, whatever it contains")
    func emptyAtFirstSight() async throws {
        let server = try await SFTPTestServer()
        let transport = try server.transport(root: "/proc")
        let version = try Self.path("version")
        // libcurl sends the bytes from the start here, for the range 5-4100.
        #expect(try await transport.bytes(of: version, from: 5, count: 4096) == [])
        #expect(try await transport.bytes(of: version, from: 0, count: 4096) == [])
        #expect(try await transport.status(of: version)?.size == 0)
        await transport.close()
    }

    @Test("a file that grows is seen to grow, over one connection")
    func growth() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("", to: "metrics.jsonl")
        let transport = try server.transport()
        let path = try Self.path("metrics.jsonl")
        var expected = ""
        for number in 0..<30 {
            let line = "{\"step\":\(number)}\n"
            let offset = expected.utf8.count
            #expect(try await transport.bytes(of: path, from: offset, count: 1 << 20) == [])
            try server.files.append(line, to: "metrics.jsonl")
            expected += line
            #expect(try await transport.status(of: path)?.size == expected.utf8.count)
            #expect(try await transport.bytes(of: path, from: offset, count: 1 << 20) == Array(line.utf8))
        }
        #expect(server.loginCount == 1)
        await transport.close()
    }

    @Test("a long read and short operations go on side by side")
    func sideBySide() async throws {
        let server = try await SFTPTestServer()
        try server.files.write([UInt8](repeating: 7, count: 12 << 20), to: "best.pt")
        try server.files.write("abc", to: "metrics.jsonl")
        // 12 MiB at 4 MiB/s last about three seconds.
        let transport = try server.transport(bytesPerSecond: 4 << 20)
        let began = AsyncStream.makeStream(of: Void.self)
        let received = Atomic<Int>(0)
        async let long = transport.read(Self.path("best.pt"), from: 0, count: 12 << 20) {
            received.add($0.count, ordering: .relaxed)
            began.continuation.yield()
        }
        for await _ in began.stream { break }
        #expect(
            try await transport.bytes(of: Self.path("metrics.jsonl"), from: 1, count: 9) == Array("bc".utf8)
        )
        let soFar = received.load(ordering: .relaxed)
        #expect(soFar < 12 << 20)
        #expect(try await long == 12 << 20)
        await transport.close()
    }

    @Test("speed is bounded")
    func speed() async throws {
        let server = try await SFTPTestServer()
        try server.files.write([UInt8](repeating: 7, count: 3 << 20), to: "a.pt")
        let transport = try server.transport(bytesPerSecond: 1 << 20)
        let start = ContinuousClock.now
        let count = try await transport.read(Self.path("a.pt"), from: 0, count: 4 << 20) { _ in }
        let took = start.duration(to: .now)
        #expect(count == 3 << 20)
        #expect(took > .seconds(1.5) && took < .seconds(6), "\(took)")
        await transport.close()
    }

    @Test("what the sink throws ends the read and comes back, and the transport goes on")
    func sinkThrows() async throws {
        struct Full: Error {}
        let server = try await SFTPTestServer()
        try server.files.write([UInt8](repeating: 7, count: 1 << 20), to: "a.pt")
        let transport = try server.transport()
        await #expect(throws: Full.self) {
            try await transport.read(Self.path("a.pt"), from: 0, count: 1 << 20) { _ in throw Full() }
        }
        #expect(try await transport.bytes(of: Self.path("a.pt"), from: 0, count: 3) == [7, 7, 7])
        await transport.close()
    }

    @Test("nothing but regular files is read")
    func kinds() async throws {
        let server = try await SFTPTestServer()
        try server.files.createDirectory("folder")
        try server.files.write("secret", to: "outside/passwd")
        let files = FileManager.default
        try files.createSymbolicLink(
            atPath: server.files.path(of: "link.log"),
            withDestinationPath: "outside/passwd"
        )
        try files.createSymbolicLink(atPath: server.files.path(of: "up"), withDestinationPath: "..")
        #expect(mkfifo(server.files.path(of: "pipe.log"), 0o600) == 0)
        let transport = try server.transport()
        for name in ["link.log", "up", "pipe.log", "folder", "up/etc/passwd"] {
            let error = try await failure {
                try await transport.bytes(of: Self.path(name), from: 0, count: 10)
            }
            guard case CollectorError.refused = error else {
                Issue.record("\(name): \(error)")
                continue
            }
        }
        #expect(try await transport.status(of: Self.path("link.log"))?.kind == .symbolicLink)
        #expect(try await transport.status(of: Self.path("pipe.log"))?.kind == .other)
        #expect(try await transport.status(of: Self.path("folder"))?.kind == .directory)
        await #expect(throws: CollectorError.vanished("gpu:\(server.files.path)/gone")) {
            try await transport.bytes(of: Self.path("gone"), from: 0, count: 1)
        }
        await transport.close()
    }

    @Test("a file that is replaced by a link is noticed at the next look")
    func replacedByLink() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("mine", to: "a.log")
        try server.files.write("other", to: "b.txt")
        let transport = try server.transport()
        #expect(try await transport.status(of: Self.path("a.log"))?.kind == .file)
        #expect(try await transport.status(of: Self.path("a.log"))?.kind == .file)
        try server.files.remove("a.log")
        try FileManager.default.createSymbolicLink(
            atPath: server.files.path(of: "a.log"),
            withDestinationPath: "b.txt"
        )
        #expect(try await transport.status(of: Self.path("a.log"))?.kind == .symbolicLink)
        await #expect(throws: CollectorError.self) {
            try await transport.bytes(of: Self.path("a.log"), from: 0, count: 9)
        }
        await transport.close()
    }

    @Test("sizes and whole seconds are exact, and what is missing is nil")
    func statuses() async throws {
        let server = try await SFTPTestServer()
        try server.files.write("12345", to: "runs/a/metrics.jsonl")
        try server.files.write("", to: "runs/a/empty.log")
        let date = Date(timeIntervalSince1970: 1_765_467_060)
        try FileManager.default.setAttributes(
            [.modificationDate: date],
            ofItemAtPath: server.files.path(of: "runs/a/metrics.jsonl")
        )
        let transport = try server.transport()
        let names = [
            "runs/a/metrics.jsonl", "runs/a/empty.log", "runs/b/x", "nothing", "runs/a/metrics.jsonl/x",
        ]
        let answers = try await transport.status(of: names.map(Self.path))
        #expect(
            answers[0] == FileStatus(size: 5, modifiedNanoseconds: 1_765_467_060_000_000_000, mode: 0o644)
        )
        #expect(answers[1]?.size == 0)
        #expect(answers[2...].allSatisfy { $0 == nil })
        await transport.close()
    }

    @Test("roots may be absolute or lie in the home folder")
    func roots() async throws {
        let server = try await SFTPTestServer()
        let name = "voxsite-test-\(UUID().uuidString)"
        let home = FileManager.default.homeDirectoryForCurrentUser.appending(path: name)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        try Data("home".utf8).write(to: home.appending(path: "a.log"))
        for root in [name, "~/\(name)", "./\(name)/", home.path] {
            let transport = try server.transport(root: root)
            #expect(
                try await transport.bytes(of: Self.path("a.log"), from: 0, count: 9) == Array("home".utf8)
            )
            await transport.close()
        }
        #expect(throws: CollectorError.self) { try server.transport(root: "~other/x") }
        let missing = try server.transport(root: "/nowhere/at/all")
        await #expect(throws: CollectorError.vanished("gpu:/nowhere/at/all")) {
            try await missing.list(nil, recursively: true)
        }
        await missing.close()
    }
}

import Collector
import Files
import Foundation
import TestSupport
import Testing

/// The HTTP transport against a real nginx.
@Suite(.enabled(if: NginxTestServer.executable != nil, NginxTestServer.absence), .timeLimit(.minutes(1)))
struct HTTPNginxTests {
    private func transport(_ server: NginxTestServer, _ path: String = "/files/") throws -> HTTPTransport {
        let timeouts = TransferTimeouts(connectSeconds: 5, silenceSeconds: 5)
        return try HTTPTransport(origin: server.origin, path: path, timeouts: timeouts)
    }

    private func path(_ text: String) throws -> RelativePath { try RelativePath(validating: text) }

    @Test("any range of a file comes as it is, also at and behind its end")
    func ranges() async throws {
        let server = try await NginxTestServer()
        var random = SeededRandom.fresh()
        let bytes = random.bytes(1_000_000)
        let name = "logs/a b#%25?é.jsonl"
        try server.files.write(bytes, to: name)
        try server.files.write("", to: "empty.log")
        let transport = try transport(server)
        let edges = [(0, 1), (0, 1_000_000), (999_999, 5), (1_000_000, 1), (1_000_001, 10), (0, 2_000_000)]
        let drawn = (0..<20).map { _ in
            (Int.random(in: 0...1_100_000, using: &random), Int.random(in: 1...200_000, using: &random))
        }
        for (offset, count) in edges + drawn {
            let came = try await transport.bytes(of: path(name), from: offset, count: count)
            #expect(came.elementsEqual(bytes.dropFirst(offset).prefix(count)), "\(offset) \(count) \(random)")
        }
        for offset in [0, 1] {
            #expect(try await transport.bytes(of: path("empty.log"), from: offset, count: 10) == [])
        }
        await transport.close()
    }

    @Test("sizes, times and entity tags are told; what is missing is nil; a folder is a folder")
    func statuses() async throws {
        let server = try await NginxTestServer()
        try server.files.write("12345", to: "a/metrics.jsonl")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_765_467_060)],
            ofItemAtPath: server.files.path(of: "a/metrics.jsonl")
        )
        let transport = try transport(server)
        let answers = try await transport.status(of: ["a/metrics.jsonl", "gone", "a"].map(path))
        #expect(answers[0]?.size == 5)
        #expect(answers[0]?.modifiedNanoseconds == 1_765_467_060_000_000_000)
        #expect(answers[0]?.entityTag?.hasPrefix("\"") ?? false)
        #expect(answers[1] == nil)
        #expect(answers[2]?.kind == .directory)
        await #expect(throws: CollectorError.vanished("\(server.origin)/files/gone")) {
            try await transport.bytes(of: path("gone"), from: 0, count: 1)
        }
        await transport.close()
    }

    @Test("folders are listed where the server describes them in JSON")
    func listing() async throws {
        let server = try await NginxTestServer()
        try server.files.write("12345", to: "a/metrics.jsonl")
        try server.files.write("x", to: "a/b c\"\\é.log")
        try server.files.write("x", to: "-rf")
        let transport = try transport(server)
        let listing = try await transport.list(nil, recursively: true)
        #expect(listing.files.map(\.path.string) == ["-rf", "a", "a/b c\"\\é.log", "a/metrics.jsonl"])
        #expect(listing.files.map(\.status.size) == [1, 0, 1, 5])
        #expect(listing.problems == [])
        for file in listing.files where file.status.kind == .file {
            #expect(try await transport.status(of: file.path)?.size == file.status.size)
            #expect(
                try await transport.status(of: file.path)?.modifiedNanoseconds
                    == file.status.modifiedNanoseconds
            )
        }
        #expect(try await transport.list(path("a"), recursively: false).files.count == 2)
        #expect(transport.capabilities == .list)
        await transport.close()
    }

    @Test(
        "without such a list the files must be named, and the error says how",
        arguments: ["/html/", "/plain/"]
    )
    func noList(root: String) async throws {
        let server = try await NginxTestServer()
        try server.files.write("x", to: "a")
        let transport = try transport(server, root)
        let error = try await failure { try await transport.list(nil, recursively: true) }
        #expect("\(error)".contains(root == "/html/" ? "--files-from" : "403"), "\(error)")
        #expect(try await transport.bytes(of: path("a"), from: 0, count: 1) == Array("x".utf8))
        await transport.close()
    }

    @Test("a server that ignores ranges serves a file from its start alone")
    func ignoredRanges() async throws {
        let server = try await NginxTestServer()
        try server.files.write(String(repeating: "0123456789", count: 100_000), to: "a.log")
        let transport = try transport(server, "/unranged")
        #expect(
            try await transport.bytes(of: path("a.log"), from: 0, count: 12) == Array("012345678901".utf8)
        )
        #expect(try await transport.bytes(of: path("a.log"), from: 0, count: 2_000_000).count == 1_000_000)
        let error = try await failure { try await transport.bytes(of: path("a.log"), from: 10, count: 10) }
        guard case CollectorError.protocolViolation = error else {
            Issue.record("\(error)")
            return
        }
        #expect("\(error)".contains("ignores ranges"))
        await transport.close()
    }

    @Test("redirects are not followed, and their secrets not repeated")
    func redirects() async throws {
        let server = try await NginxTestServer()
        let transport = try transport(server, "/moved")
        for error in [
            try await failure { try await transport.bytes(of: path("a"), from: 0, count: 10) },
            try await failure { try await transport.status(of: path("a")) },
            try await failure { try await transport.list(nil, recursively: false) },
        ] {
            guard case CollectorError.refused = error else {
                Issue.record("\(error)")
                continue
            }
            #expect("\(error)".contains("https://elsewhere.example/x"))
            #expect(!"\(error)".contains("hunter2") && !"\(error)".contains("user:"))
        }
        await transport.close()
    }

    @Test("answers that forbid, break or use a coding are errors of their kinds")
    func otherAnswers() async throws {
        let server = try await NginxTestServer()
        try server.files.write("0123456789", to: "a")
        let expected: [(String, CollectorError.RetryClass)] = [
            ("/forbidden", .permanent), ("/broken", .transient), ("/packed", .permanent),
        ]
        for (root, retryClass) in expected {
            let transport = try transport(server, root)
            for error in [
                try await failure { try await transport.bytes(of: path("a"), from: 1, count: 10) },
                try await failure { try await transport.status(of: path("a")) },
            ] {
                #expect((error as? CollectorError)?.retryClass == retryClass, "\(root): \(error)")
            }
            await transport.close()
        }
    }

    @Test("a certificate is checked: an unknown authority and a wrong name are refused")
    func certificates() async throws {
        let server = try await NginxTestServer()
        try server.files.write("x", to: "a")
        let trusted = try HTTPTransport(
            origin: server.secureOrigin,
            path: "/files",
            certificateFile: server.certificateFile
        )
        #expect(try await trusted.bytes(of: path("a"), from: 0, count: 1) == Array("x".utf8))
        await trusted.close()
        let unknown = try HTTPTransport(origin: server.secureOrigin, path: "/files")
        let wrongName = try HTTPTransport(
            origin: server.secureOrigin.replacing("localhost", with: "127.0.0.1"),
            path: "/files",
            certificateFile: server.certificateFile
        )
        for transport in [unknown, wrongName] {
            let error = try await failure { try await transport.bytes(of: path("a"), from: 0, count: 1) }
            guard case CollectorError.refused = error else {
                Issue.record("\(error)")
                continue
            }
            await transport.close()
        }
    }

    @Test("a file that grows is followed by its ranges")
    func growth() async throws {
        let server = try await NginxTestServer()
        let transport = try transport(server)
        try server.files.write("", to: "m.jsonl")
        var expected = ""
        for number in 0..<20 {
            let offset = expected.utf8.count
            #expect(try await transport.bytes(of: path("m.jsonl"), from: offset, count: 1 << 20) == [])
            let line = "{\"step\":\(number)}\n"
            try server.files.append(line, to: "m.jsonl")
            expected += line
            #expect(
                try await transport.bytes(of: path("m.jsonl"), from: offset, count: 1 << 20)
                    == Array(line.utf8)
            )
        }
        await transport.close()
    }
}

import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// Answers that a web server should not give, and some it may.
@Suite(.timeLimit(.minutes(1))) struct HTTPAnswerTests {
    private static let path: RelativePath? = try? RelativePath(validating: "a.log")

    private func read(
        _ head: String,
        _ body: String = "",
        from offset: Int = 10,
        count: Int = 5
    ) async throws
        -> String
    {
        let server = try ScriptedHTTPServer { _ in
            "HTTP/1.1 \(head)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        let transport = try HTTPTransport(
            origin: server.origin,
            path: "/x",
            timeouts: TransferTimeouts(connectSeconds: 2, silenceSeconds: 2)
        )
        let path = try #require(Self.path)
        do {
            let bytes = try await transport.bytes(of: path, from: offset, count: count)
            await transport.close()
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            await transport.close()
            throw error
        }
    }

    @Test("a part is taken if it says that it is the one that was asked for")
    func rightPart() async throws {
        #expect(try await read("206 Partial\r\nContent-Range: bytes 10-14/99", "abcde") == "abcde")
        #expect(try await read("206 Partial\r\ncontent-range:bytes 10-12/*", "abc") == "abc")
        #expect(try await read("206 Partial\r\nContent-Range: BYTES 10-12/13", "abc") == "abc")
    }

    @Test(
        "any other part is an error, and none of its bytes are used",
        arguments: [
            "206 Partial\r\nContent-Range: bytes 0-4/99", "206 Partial\r\nContent-Range: bytes 11-15/99",
            "206 Partial\r\nContent-Range: bytes 10-20/99", "206 Partial\r\nContent-Range: bytes 10-13/99",
            "206 Partial", "206 Partial\r\nContent-Range: bytes */99",
            "206 Partial\r\nContent-Range: lines 10-14/99",
            "206 Partial\r\nContent-Range: bytes 10-14/12",
            "206 Partial\r\nContent-Type: multipart/byteranges",
            "200 OK", "204 No", "206 Partial\r\nContent-Range: bytes 10-14/99\r\nContent-Encoding: gzip",
            "416 No\r\nContent-Range: bytes */99",
        ]
    )
    func wrongPart(head: String) async throws {
        await #expect(throws: CollectorError.self) { try await read(head, "abcde") }
    }

    @Test("416 means that nothing is there yet", arguments: ["bytes */10", "bytes */3", "bytes */0"])
    func unsatisfied(range: String) async throws {
        #expect(try await read("416 No\r\nContent-Range: \(range)", "sorry") == "")
    }

    @Test("a body that breaks off is an error of the connection")
    func brokenOff() async throws {
        let server = try ScriptedHTTPServer { _ in
            "HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/5\r\nContent-Length: 5\r\nConnection: close\r\n\r\nab"
        }
        let transport = try HTTPTransport(origin: server.origin, path: "/")
        let path = try #require(Self.path)
        let error = try await failure { try await transport.bytes(of: path, from: 0, count: 5) }
        guard case CollectorError.stream = error else {
            Issue.record("\(error)")
            return
        }
        await transport.close()
    }

    @Test("a server that says nothing is given up in time")
    func silence() async throws {
        let server = try ScriptedHTTPServer { _ in nil }
        let timeouts = TransferTimeouts(connectSeconds: 1, silenceSeconds: 1)
        let transport = try HTTPTransport(origin: server.origin, path: "/", timeouts: timeouts)
        let path = try #require(Self.path)
        let start = ContinuousClock.now
        let error = try await failure { try await transport.status(of: path) }
        #expect(error as? CollectorError == .timeout("\(server.origin)/a.log", seconds: 1))
        // Far less than the minutes that TCP would wait, however busy the machine is.
        #expect(start.duration(to: .now) < .seconds(30))
        await transport.close()
    }

    @Test("a head without end is cut off")
    func endlessHead() async throws {
        let fields = (0..<2000).map { "X-\($0): y\r\n" }.joined()
        await #expect(throws: CollectorError.self) { try await read("200 OK\r\n" + fields, "x", from: 0) }
    }

    @Test("what is asked: an exact range, the plain bytes, nothing conditional, and the path encoded")
    func request() async throws {
        let server = try ScriptedHTTPServer { _ in "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n" }
        let transport = try HTTPTransport(origin: server.origin, path: "/runs%20a/")
        let path = try RelativePath(validating: "b c/é?#%.log")
        #expect(try await transport.read(path, from: 7, count: 3) { _ in } == 0)
        let head = try #require(server.requests.first)
        #expect(head.hasPrefix("GET /runs%20a/b%20c/%C3%A9%3F%23%25.log HTTP/1.1\r\n"))
        #expect(head.contains("\r\nRange: bytes=7-9\r\n"))
        #expect(head.contains("\r\nAccept-Encoding: identity\r\n"))
        #expect(!head.contains("If-"))
        await transport.close()
    }

    @Test("a server that does not answer HEAD is asked for one byte")
    func withoutHead() async throws {
        let server = try ScriptedHTTPServer { head in
            head.hasPrefix("HEAD")
                ? "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n"
                : "HTTP/1.1 206 P\r\nContent-Range: bytes 0-0/1234\r\nETag: \"x\"\r\nContent-Length: 1\r\n\r\na"
        }
        let transport = try HTTPTransport(origin: server.origin, path: "")
        let path = try #require(Self.path)
        #expect(try await transport.status(of: path) == FileStatus(size: 1234, entityTag: "\"x\""))
        await transport.close()
    }

    @Test(
        "weak and malformed entity tags are not told",
        arguments: ["W/\"x\"", "x", "\"", "\"a\"b\"", "\"a b\"", ""]
    )
    func weakTags(tag: String) { #expect(HTTPTransport.strongTag(tag) == nil) }

    @Test("a list in JSON is checked, entry by entry")
    func lists() throws {
        let body = """
            [{"name":"a","type":"file","size":5,"mtime":"Sun, 06 Nov 1994 08:49:37 GMT"},{"name":"..","type":"directory"},
            {"name":"b/c","type":"file","size":1},{"name":"d","type":"file","size":-1},{"name":"e","type":"file","size":1e30},
            {"name":"f","type":"file","size":1.5},{"name":"a","type":"directory"},{"name":"g\\nh","type":"file","size":1},
            {"name":"i","type":"fifo"},{"name":"j","type":"file","size":2,"mtime":"long ago"},{"name":"","type":"file"}]
            """
        let page = try #require(HTTPFolderPage(Array(body.utf8), folder: "http://x/"))
        #expect(page.entries.keys.sorted() == ["a", "i", "j"])
        #expect(page.entries["a"] == FileStatus(size: 5, modifiedNanoseconds: 784_111_777_000_000_000))
        #expect(page.entries["i"]?.kind == .other)
        #expect(page.entries["j"] == FileStatus(size: 2))
        #expect(page.problems.count == 8)
        for text in [
            "", "{}", "[1]", "[{\"name\":\"a\"}]", "<html>", "[", String(repeating: "[", count: 5000),
        ] {
            #expect(HTTPFolderPage(Array(text.utf8), folder: "http://x/") == nil, "\(text.prefix(20))")
        }
    }

    @Test("no truncation of a list makes it trap")
    func truncatedLists() {
        let body = Array(
            "[{\"name\":\"a\",\"type\":\"file\",\"size\":5,\"mtime\":\"Sun, 06 Nov 1994 08:49:37 GMT\"}]".utf8
        )
        for length in 0..<body.count { #expect(HTTPFolderPage(Array(body[..<length]), folder: "") == nil) }
    }

    @Test(
        "an address holds a server and a path, and nothing else",
        arguments: [
            ("http://user:pw@h", "/"), ("http://h", "/a?b"), ("http://h", "/a#b"), ("ftp://h", "/"),
            ("http://h", "a"),
            ("http://h", "/a b"), ("http://h", "/a\r\nX: y"),
        ]
    )
    func addresses(origin: String, path: String) {
        #expect(throws: CollectorError.self) { try HTTPTransport(origin: origin, path: path) }
    }
}

/// Source: RFC 9110 §14.4.
@Suite struct ContentRangeTests {
    @Test("parts and refusals are read")
    func reads() {
        #expect(ContentRange("bytes 0-0/1") == .part(0..<1, whole: 1))
        #expect(ContentRange("bytes 42-1233/1234") == .part(42..<1234, whole: 1234))
        #expect(ContentRange("bytes 42-1233/*") == .part(42..<1234, whole: nil))
        #expect(ContentRange("bytes */1234") == .unsatisfied(whole: 1234))
    }

    @Test(
        "what the grammar does not allow is refused",
        arguments: [
            "", "bytes", "bytes ", "bytes 1", "bytes 1-", "bytes -1/5", "bytes 2-1/5", "bytes 0-5/5",
            "bytes 0-4/",
            "bytes */*", "bytes 0-4/5/6", "bytes 0-4-5/9", "bytes +0-4/9", "bytes 0-9223372036854775807/*",
            "bytes 0-99999999999999999999/*", "bytes=0-4/5", "octets 0-4/5", "bytes 0 -4/5",
        ]
    )
    func refuses(field: String) { #expect(ContentRange(field) == nil) }
}

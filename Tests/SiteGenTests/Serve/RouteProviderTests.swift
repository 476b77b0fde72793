import Foundation
import Synchronization
import TestSupport
import Testing

@testable import SiteGen

/// What the server does for those who answer below a path of their own.
@Suite(.timeLimit(.minutes(1))) struct RouteProviderTests {
    /// Says back what it is asked, and remembers who went away.
    private final class Echo: RouteProvider {
        let path = "api/echo"
        let gone = Mutex(0)
        let started = Mutex(0)
        let root: String

        init(root: String = "/nowhere") { self.root = root }

        func answer(_ request: RouteRequest) async throws -> RouteAnswer {
            switch request.path {
            case "file": return .file(root: root, path: "clip.mp4")
            case "link": return .file(root: root, path: "link.mp4")
            case "events":
                return .events(
                    AsyncStream { continuation in
                        continuation.yield("data: one\n\n")
                        continuation.onTermination = { _ in self.gone.withLock { $0 += 1 } }
                    }
                )
            case "wait":
                started.withLock { $0 += 1 }
                do { try await Task.sleep(for: .seconds(3_600)) } catch { gone.withLock { $0 += 1 } }
                throw CancellationError()
            case "refuse":
                return .whole(status: 403, fields: [], type: "text/plain", body: Array("no".utf8))
            case "crash": throw CocoaError(.fileNoSuchFile)
            default: break
            }
            var text = "\(request.method) \(request.path) \(request.field("x-a") ?? "-") "
            do { text += String(decoding: try await request.body(16, 0.3), as: UTF8.self) } catch {
                text += "\(error)"
            }
            return .whole(
                status: 201,
                fields: [("X-B", "b"), ("bad name", "c")],
                type: "text/plain",
                body: Array(text.utf8)
            )
        }
    }

    private func withEcho(
        _ echo: Echo = Echo(),
        _ body: @escaping @concurrent @Sendable (Int, Echo) async throws -> Void
    ) async throws {
        let site = try SiteFixture()
        try site.write("api/other.json", "{}")
        try await withServer(site, configure: { $0.routes = [echo] }) { port in try await body(port, echo) }
    }

    @Test func `method, path, fields and body reach it, and its answer the client`() async throws {
        try await withEcho { port, _ in
            let connection = try #require(RawConnection(port: port))
            let answer = try #require(
                connection.exchange("PUT", "/api/echo/a%20b?q", ["X-A: 1", "Content-Length: 2", "", "hi"])
            )
            #expect(answer.status == 201 && answer.text == "PUT a b 1 hi")
            #expect(answer["x-b"] == "b" && answer["cache-control"] == "no-store")
            #expect(answer["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(answer["connection"] == "close")
        }
    }

    @Test func `what is not below its path is the site's`() async throws {
        try await withEcho { port, _ in
            let connection = try #require(RawConnection(port: port))
            #expect(connection.exchange("GET", "/api/other.json")?.text == "{}")
            #expect(connection.exchange("GET", "/api/echoes")?.status == 404)
            #expect(connection.exchange("GET", "/api/echo")?.status == 404)
            let refused = connection.exchange("GET", "/api/echo/%2e%2e/x")
            #expect(
                refused?.status == 404 && refused?.text == "{\"error\":\"there is nothing of that name\"}\n"
            )
            let malformed = connection.exchange("GET", "/api/echo/a%00")
            #expect(malformed?.status == 400 && malformed?["content-type"]?.contains("json") == true)
            #expect(connection.exchange("GET", "/api/echo/x", host: "evil.example")?.status == 421)
            #expect(connection.exchange("GET", "/api/echo/crash")?.status == 500)
            let head = connection.exchange("HEAD", "/api/echo/x")
            #expect(head?.status == 201 && head?["content-length"] != "0" && head?.body.isEmpty == true)
            #expect(connection.exchange("GET", "/api/echo/y")?.text == "GET y - ")
            #expect(connection.exchange("GET", "/api/echo/y/")?.text == "GET y/ - ")
            #expect(connection.exchange("GET", "/api/echo/")?.text == "GET  - ")
        }
    }

    @Test func `a body that is too long is refused before it is read, and its connection ends`() async throws
    {
        try await withEcho { port, _ in
            let long = try #require(RawConnection(port: port))
            let answer = long.exchange("POST", "/api/echo/x", ["Content-Length: 99999999999"])
            #expect(answer?.text == "POST x - tooLong" && long.isClosedByServer())
            let chunked = try #require(RawConnection(port: port))
            let second = chunked.exchange(
                "POST",
                "/api/echo/x",
                ["Transfer-Encoding: chunked", "", "20", String(repeating: "a", count: 32), "20", ""]
            )
            #expect(second?.text == "POST x - tooLong" && chunked.isClosedByServer())
        }
    }

    /// What fills the body's stream waits for somebody to read it, and the answer once waited with it.
    @Test func `a large body that nobody reads does not keep the answer, nor the server's end`() async throws
    {
        try await withEcho { port, _ in
            let body = String(repeating: "a", count: 60_000)
            for round in 0..<30 {
                for path in ["refuse", "x"] {
                    let connection = try #require(RawConnection(port: port))
                    connection.send(
                        "POST /api/echo/\(path) HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                    #expect(connection.isClosedByServer(), "round \(round)")
                }
            }
        }
    }

    @Test func `chunks that cannot be read are the client's fault`() async throws {
        try await withEcho { port, _ in
            let connection = try #require(RawConnection(port: port))
            let answer = connection.exchange(
                "POST",
                "/api/echo/wait",
                ["Transfer-Encoding: chunked", "", "zz", ""]
            )
            #expect(answer.map { $0.status == 400 } ?? true, "\(answer?.status ?? 0)")
            #expect(connection.isClosedByServer())
        }
    }

    @Test func `a body that does not come in time is not waited for`() async throws {
        try await withEcho { port, _ in
            let slow = try #require(RawConnection(port: port))
            let answer = slow.exchange("POST", "/api/echo/x", ["Content-Length: 10", "", "abc"])
            #expect(answer?.text.hasPrefix("POST x - ") == true && answer?.text.contains("tooSlow") == true)
            #expect(slow.isClosedByServer())
        }
    }

    @Test func `a client that goes away cancels its request`() async throws {
        try await withEcho { port, echo in
            var connection = RawConnection(port: port)
            connection?.send("POST /api/echo/wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi")
            try await waitUntil { echo.started.withLock({ $0 }) > 0 }
            #expect(echo.gone.withLock { $0 } == 0)
            connection = nil
            try await waitUntil { echo.gone.withLock({ $0 }) > 0 }
        }
    }

    @Test func `events reach the client as they come, and end with it`() async throws {
        try await withEcho { port, echo in
            var connection = RawConnection(port: port)
            connection?.send("GET /api/echo/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let text = try #require(connection?.read(until: "data: one\n\n"))
            #expect(text.contains("text/event-stream") && text.contains("data: one"))
            connection = nil
            try await waitUntil { echo.gone.withLock({ $0 }) > 0 }
        }
    }

    @Test func `its files have ranges, types and tags, and no link leads out`() async throws {
        let media = try SiteFixture()
        try media.write("clip.mp4", "0123456789")
        try FileManager.default.createSymbolicLink(
            atPath: media.root + "/link.mp4",
            withDestinationPath: "/etc/passwd"
        )
        try await withEcho(Echo(root: media.root)) { port, _ in
            let connection = try #require(RawConnection(port: port))
            let part = try #require(connection.exchange("GET", "/api/echo/file", ["Range: bytes=2-4"]))
            #expect(part.status == 206 && part.text == "234" && part["content-type"] == "video/mp4")
            let tag = try #require(part["etag"])
            #expect(connection.exchange("GET", "/api/echo/file", ["If-None-Match: \(tag)"])?.status == 304)
            #expect(connection.exchange("GET", "/api/echo/link")?.status == 404)
        }
    }
}

import Files
import Foundation
import Glibc
import Logging
import Testing

@testable import SiteGen

/// The whole server, over a real loopback socket.
@Suite(.timeLimit(.minutes(1))) struct SiteServerTests {
    private static let page =
        "<!doctype html><title>é</title><!--build-status--><p>" + String(repeating: "x", count: 500)

    private static func site() throws -> SiteFixture {
        let site = try SiteFixture()
        try site.write("index.html", page)
        try site.write("404.html", "<h1>nothing here</h1>")
        try site.write("runs/a/index.html", "run a")
        try site.write("runs/a/media/clip.mp4", (0..<1000).map { UInt8(truncatingIfNeeded: $0) })
        try site.write(".git/config", "secret")
        try site.write(".well-known/security.txt", "contact")
        try site.write("api/training-status.json", #"{"metrics":{"step":1}}"#)
        try site.write("api/runs/a/training-status.json", #"{"metrics":{"step":2}}"#)
        return site
    }

    @Test func `files are served with type, tag, length and the security header`() async throws {
        try await withServer(Self.site()) { port in
            let connection = try #require(RawConnection(port: port))
            let answer = try #require(connection.exchange("GET", "/"))
            #expect(answer.status == 200)
            #expect(answer.text == Self.page)
            #expect(answer["content-type"] == "text/html; charset=utf-8")
            #expect(answer["etag"]?.first == "\"")
            #expect(answer["accept-ranges"] == "bytes")
            #expect(answer["vary"] == "Accept-Encoding")
            #expect(answer["x-content-type-options"] == "nosniff")
            #expect(answer["referrer-policy"] == "no-referrer")
            #expect(
                answer["content-security-policy"]?.contains("script-src 'self'; style-src 'self'") == true
            )
            #expect(answer["content-security-policy"]?.contains("unsafe") == false)
            #expect(answer.fields["date"]?.count == 1)
            #expect(answer.fields["content-length"]?.count == 1)
            // HEAD says the same and sends nothing, so the next answer on the connection is readable.
            for path in ["/", "/runs/a/media/clip.mp4", "/none", "/healthz", "/events"] {
                let head = try #require(connection.exchange("HEAD", path))
                #expect(head.body.isEmpty && head.status == (path == "/none" ? 404 : 200), "\(path)")
            }
            let folder = try #require(connection.exchange("GET", "/runs/a"))
            #expect(folder.status == 308 && folder["location"] == "./a/")
            #expect(try #require(connection.exchange("GET", "/runs/a/")).text == "run a")
            #expect(try #require(connection.exchange("GET", "/.well-known/security.txt")).text == "contact")
            let missing = try #require(connection.exchange("GET", "/runs/a/none"))
            #expect(missing.status == 404 && missing.text == "<h1>nothing here</h1>")
        }
    }

    @Test func `no path leads out of the site`() async throws {
        let site = try Self.site()
        let outside = try SiteFixture()
        try outside.write("secret.txt", "secret")
        symlink("\(outside.root)/secret.txt", "\(site.root)/absolute.txt")
        symlink("../\(outside.root.split(separator: "/").last ?? "")/secret.txt", "\(site.root)/relative.txt")
        symlink(outside.root, "\(site.root)/folder")
        symlink("index.html", "\(site.root)/inside.html")
        mkfifo("\(site.root)/pipe", 0o644)
        try await withServer(site) { port in
            let expectations: [(String, Int)] = [
                ("/../etc/passwd", 404), ("/%2e%2e/%2e%2e/etc/passwd", 404), ("/..%2f..%2fetc/passwd", 404),
                ("//etc/passwd", 404), ("/.git/config", 404), ("/%2egit/config", 404), ("/a/..", 404),
                ("/absolute.txt", 404), ("/relative.txt", 404), ("/folder/secret.txt", 404), ("/pipe", 404),
                ("/index.html%00.png", 400), ("/a%5c..%5cb", 400), ("/%c0%ae%c0%ae/etc/passwd", 400),
                ("/%", 400),
                ("/" + String(repeating: "a", count: 5000), 414), ("/inside.html", 200),
            ]
            for (path, status) in expectations {
                for _ in 0..<2 {  // what is remembered must be as strict
                    let connection = try #require(RawConnection(port: port))
                    let answer = try #require(connection.exchange("GET", path), "\(path)")
                    #expect(answer.status == status, "\(path)")
                    #expect(!answer.text.contains("secret") && !answer.text.contains("root:"), "\(path)")
                }
            }
        }
    }

    @Test func `links are not followed where the kernel cannot confine them`() throws {
        let site = try Self.site()
        symlink("runs", "\(site.root)/link")
        let folder = open(site.root, O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        #expect(ServedFolder.openFollowingNothing(folder, "link/a/index.html") < 0)
        #expect(ServedFolder.openFollowingNothing(folder, "../etc/passwd") < 0)
        let found = ServedFolder.openFollowingNothing(folder, "runs/a/index.html")
        #expect(found >= 0)
        close(found)
    }

    /// RFC 9110 §14, §15.3.7, §15.5.17.
    @Test func `ranges`() async throws {
        try await withServer(Self.site()) { port in
            let connection = try #require(RawConnection(port: port))
            let path = "/runs/a/media/clip.mp4"
            let tag = try #require(connection.exchange("GET", path)?["etag"])
            let part = try #require(connection.exchange("GET", path, ["Range: bytes=10-19"]))
            #expect(
                part.status == 206 && part["content-range"] == "bytes 10-19/1000"
                    && part.body == Array(10..<20)
            )
            let last = try #require(connection.exchange("GET", path, ["Range: bytes=-10"]))
            #expect(
                last.status == 206 && last["content-range"] == "bytes 990-999/1000" && last.body.count == 10
            )
            let beyond = try #require(connection.exchange("GET", path, ["Range: bytes=5000-"]))
            #expect(beyond.status == 416 && beyond["content-range"] == "bytes */1000" && beyond.body.isEmpty)
            let several = try #require(connection.exchange("GET", path, ["Range: bytes=0-1,5-6"]))
            #expect(several.status == 200 && several.body.count == 1000)
            for (validator, status) in [(tag, 206), ("W/\(tag)", 200), ("\"other\"", 200)] {
                let answer = try #require(
                    connection.exchange("GET", path, ["Range: bytes=0-0", "If-Range: \(validator)"])
                )
                #expect(answer.status == status, "\(validator)")
            }
            // §14.2: ranges are for GET alone.
            let head = try #require(connection.exchange("HEAD", path, ["Range: bytes=0-0"]))
            #expect(head.status == 200 && head["content-length"] == "1000")
        }
    }

    /// RFC 9110 §13.
    @Test func `conditions`() async throws {
        let site = try Self.site()
        try site.age("index.html", secondsSince1970: 784_111_777)
        try await withServer(site) { port in
            let connection = try #require(RawConnection(port: port))
            let first = try #require(connection.exchange("GET", "/"))
            #expect(first["last-modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            let tag = try #require(first["etag"])
            for (field, status) in [
                ("If-None-Match: \(tag)", 304), ("If-None-Match: \"x\", W/\(tag)", 304),
                ("If-None-Match: \"x\"", 200),
                ("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", 304), ("If-Match: \"x\"", 412),
                ("If-Modified-Since: Sun Nov  6 08:49:36 1994", 200), ("If-Match: *", 200),
                ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412),
            ] {
                let answer = try #require(connection.exchange("GET", "/", [field]), "\(field)")
                #expect(answer.status == status, "\(field)")
                if status == 304 {
                    #expect(answer["etag"] == tag && answer["content-length"] == nil, "\(field)")
                }
            }
            // The same size within the same second: only the content tells.
            try site.write("index.html", String(Self.page.dropLast()) + "y")
            try site.age("index.html", secondsSince1970: 784_111_777)
            let changed = try #require(connection.exchange("GET", "/", ["If-None-Match: \(tag)"]))
            #expect(changed.status == 200 && changed["etag"] != tag && changed.text.hasSuffix("y"))
        }
    }

    @Test func `the gzip twin is sent where it is wanted and fresh`() async throws {
        let site = try Self.site()
        let twin = SiteFixture.gzip(Self.page)
        try site.write("index.html.gz", twin)
        try await withServer(site) { port in
            let connection = try #require(RawConnection(port: port))
            for round in 0..<2 {
                let plain = try #require(connection.exchange("GET", "/", ["Accept-Encoding: gzip;q=0"]))
                #expect(plain["content-encoding"] == nil && plain.text == Self.page)
                let coded = try #require(
                    connection.exchange("GET", "/", ["Accept-Encoding: br, gzip"]),
                    "\(round)"
                )
                #expect(coded["content-encoding"] == "gzip" && coded.body == twin)
                #expect(
                    coded["content-type"] == "text/html; charset=utf-8" && coded["vary"] == "Accept-Encoding"
                )
                let tag = try #require(coded["etag"])
                #expect(tag.hasSuffix("-gzip\"") && tag != plain["etag"])
                let known = try #require(
                    connection.exchange("GET", "/", ["Accept-Encoding: gzip", "If-None-Match: \(tag)"])
                )
                #expect(known.status == 304 && known["etag"] == tag)
                let part = try #require(
                    connection.exchange("GET", "/", ["Accept-Encoding: gzip", "Range: bytes=0-8"])
                )
                #expect(part["content-encoding"] == nil && part.text == "<!doctype")
            }
            // Someone edits the page by hand and forgets the twin, even at the same length.
            let edited = String(Self.page.dropLast()) + "y"
            try site.write("index.html", edited)
            let answer = try #require(connection.exchange("GET", "/", ["Accept-Encoding: gzip"]))
            #expect(answer["content-encoding"] == nil && answer.text == edited)
        }
    }

    @Test func `large files are streamed, whole and in parts`() async throws {
        let site = try Self.site()
        var random = Seeded(seed: 5)
        let bytes = (0..<(ServedFile.maximumBytesInMemory + 70_000)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        try site.write("big.safetensors", bytes)
        try await withServer(site) { port in
            let connection = try #require(RawConnection(port: port))
            let whole = try #require(connection.exchange("GET", "/big.safetensors"))
            #expect(whole.status == 200 && whole.body == bytes)
            #expect(whole["content-type"] == "application/octet-stream")
            let range = "Range: bytes=1000000-2000000"
            let part = try #require(connection.exchange("GET", "/big.safetensors", [range]))
            #expect(part.status == 206 && part.body == Array(bytes[1_000_000...2_000_000]))
            let head = try #require(connection.exchange("HEAD", "/big.safetensors"))
            #expect(head["content-length"] == "\(bytes.count)")
        }
    }

    @Test func `only GET and HEAD, without bodies, under its own name`() async throws {
        try await withServer(Self.site()) { port in
            let connection = try #require(RawConnection(port: port))
            for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
                let answer = try #require(connection.exchange(method, "/"))
                #expect(answer.status == 405 && answer["allow"] == "GET, HEAD", "\(method)")
            }
            let rebound = try #require(connection.exchange("GET", "/", host: "evil.example:\(port)"))
            #expect(
                rebound.status == 421 && rebound.text.contains("evil.example")
                    && rebound.text.contains("--allow-host")
            )
            #expect(rebound["content-type"] == "text/plain; charset=utf-8")
            #expect(try #require(connection.exchange("GET", "/", host: "[::1]:\(port)")).status == 200)
            let body = try #require(RawConnection(port: port))
            let refused = try #require(body.exchange("GET", "/", ["Content-Length: 1000000"]))
            #expect(refused.status == 413 && body.isClosedByServer())
            let flood = try #require(RawConnection(port: port))
            let field = "X-Fill: " + String(repeating: "x", count: 20_000)
            #expect(try #require(flood.exchange("GET", "/", [field])).status == 400)
            let closing = try #require(RawConnection(port: port))
            #expect(closing.exchange("GET", "/", ["Connection: close"])?.status == 200)
            #expect(closing.isClosedByServer())
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        try await withServer(Self.site()) { port in
            let connection = try #require(RawConnection(port: port))
            // Of what is in memory, of what is not, and of what has to be computed.
            let paths = ["/", "/healthz", "/runs/a/", "/", "/metrics", "/none", "/", "/runs/a/"]
            for _ in 0..<5 {
                connection.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
                for path in paths {
                    let answer = try #require(connection.answer(hasBody: true), "\(path)")
                    switch path {
                    case "/": #expect(answer.text == Self.page)
                    case "/healthz": #expect(answer.text == "ok\n")
                    case "/metrics":
                        #expect(answer.text.contains("# TYPE voxsite_http_requests_total counter"))
                    case "/none": #expect(answer.status == 404)
                    default: #expect(answer.text == "run a")
                    }
                }
            }
        }
    }

    @Test func `a failed build shows on pages and goes with the next good one`() async throws {
        let live = LiveEvents()
        let site = try Self.site()
        try site.write("index.html.gz", SiteFixture.gzip(Self.page))
        try await withServer(site, live: live) { port in
            let connection = try #require(RawConnection(port: port))
            let tag = try #require(connection.exchange("GET", "/")?["etag"])
            live.buildFailed("run.mustache:3: \"\u{301}><script>alert(1)</script>&")
            let failing = try #require(
                connection.exchange("GET", "/", ["Accept-Encoding: gzip", "If-None-Match: \(tag)"])
            )
            #expect(failing.status == 200 && failing["content-encoding"] == nil)
            #expect(failing["cache-control"] == "no-store" && failing["etag"] != tag)
            #expect(failing.text.contains("class=\"build-error\""))
            #expect(
                failing.text.contains(
                    "run.mustache:3: &quot;\u{301}&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"
                )
            )
            #expect(!failing.text.contains("<script>") && !failing.text.contains(BuildFailureNotice.marker))
            #expect(connection.exchange("GET", "/runs/a/")?.text == "run a")
            live.buildSucceeded()
            #expect(connection.exchange("GET", "/", ["If-None-Match: \(tag)"])?.status == 304)
        }
    }

    @Test func `training status comes from the static twins`() async throws {
        try await withServer(Self.site()) { port in
            let connection = try #require(RawConnection(port: port))
            let newest = try #require(connection.exchange("GET", "/api/training-status"))
            #expect(newest.status == 200 && newest.text.contains("1"))
            #expect(newest["content-type"] == "application/json; charset=utf-8")
            #expect(connection.exchange("GET", "/api/training-status?run=a")?.text.contains("2") == true)
            for run in ["b", "..", "%2e%2e%2fa", "a/../a", "", "%00"] {
                let answer = try #require(connection.exchange("GET", "/api/training-status?run=\(run)"))
                #expect(answer.status == 404 && answer.text.hasPrefix("{\"error\":\""), "\(run)")
            }
        }
    }

    @Test func `health and metrics tell the state`() async throws {
        let site = try Self.site()
        let metrics = ServerMetrics()
        metrics.recordBuild(
            durationSeconds: 0.25,
            succeeded: true,
            time: 1_795_490_000,
            runsByStatus: ["running": 2]
        )
        metrics.recordBuild(durationSeconds: 0.5, succeeded: false, time: 1_795_490_001)
        try await withServer(site, metrics: metrics) { port in
            let connection = try #require(RawConnection(port: port))
            #expect(connection.exchange("GET", "/healthz")?.status == 200)
            _ = connection.exchange("GET", "/none")
            let text = try #require(connection.exchange("GET", "/metrics")).text
            for line in [
                "voxsite_http_requests_total{method=\"GET\",status=\"2xx\"} 1",
                "voxsite_http_requests_total{method=\"GET\",status=\"4xx\"} 1",
                "voxsite_builds_total{result=\"failed\"} 1", "voxsite_last_build_duration_seconds 0.5",
                "voxsite_runs{status=\"running\"} 2",
                "# HELP voxsite_event_clients Pages that listen for changes.",
                "voxsite_last_successful_build_timestamp_seconds 1795490000.0",
                "voxsite_http_requests_in_flight 1",
            ] {
                #expect(text.contains(line + "\n"), "\(line)")
            }
            #expect(rename(site.root, site.root + ".away") == 0)
            #expect(connection.exchange("GET", "/healthz")?.status == 503)
            #expect(connection.exchange("GET", "/")?.status == 404)
            #expect(rename(site.root + ".away", site.root) == 0)
            #expect(connection.exchange("GET", "/")?.text == Self.page)
        }
    }

    @Test func `a request of any bytes gets an answer as long as it says`() async throws {
        let site = try Self.site()
        try site.write("index.html.gz", SiteFixture.gzip(Self.page))
        try await withServer(site) { port in
            var random = Seeded(seed: 13)
            let names = [
                "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "Accept-Encoding",
            ]
            let pieces = [
                "bytes=", "-", "0", "5", "499", "99999999999999999999", ",", " ", "\"", "W/", "*", "gzip",
                ";q=", "é", "x",
            ]
            let connection = try #require(RawConnection(port: port))
            for _ in 0..<1500 {
                let fields = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    let count = Int.random(in: 0...8, using: &random)
                    let value = (0..<count).map { _ in
                        pieces[Int.random(in: 0..<pieces.count, using: &random)]
                    }.joined()
                    return "\(names[Int.random(in: 0..<names.count, using: &random)]): \(value)"
                }
                let answer = try #require(connection.exchange("GET", "/", fields), "\(fields)")
                #expect([200, 206, 304, 412, 416].contains(answer.status), "\(fields)")
                if answer.status == 206, let range = answer["content-range"] {
                    let ends = range.dropFirst(6).split { $0 == "-" || $0 == "/" }.compactMap { Int($0) }
                    try #require(ends.count == 3)
                    #expect(answer.body == Array(Array(Self.page.utf8)[ends[0]...ends[1]]), "\(fields)")
                }
            }
        }
    }

    @Test func `what keeps a server from starting is said with what to do`() async throws {
        let site = try Self.site()
        try await withServer(site) { port in
            let second = SiteServer(
                configuration: ServerConfiguration(siteRoot: site.root, port: port),
                live: LiveEvents(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let expected = SiteGenError.server(
                reason:
                    "port \(port) of 127.0.0.1 is taken by another program; stop it, choose another port with "
                    + "--port, or let the system choose a free one with --port 0"
            )
            await #expect(throws: expected) { try await second.run() }
        }
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let nowhere = SiteServer(
            configuration: ServerConfiguration(siteRoot: site.root + "/none"),
            live: LiveEvents(),
            logger: quiet
        )
        await #expect(throws: SiteGenError.self) { try await nowhere.run() }
        #expect(
            ServerStart.problem(withRoot: site.root + "/none")?.description.contains("`voxsite build`")
                == true
        )
        #expect(
            ServerStart.problem(withRoot: site.root + "/index.html")?.description.contains("not a folder")
                == true
        )
        let foreign = SiteServer(
            configuration: ServerConfiguration(siteRoot: site.root, host: "192.0.2.1", port: 0),
            live: LiveEvents(),
            logger: quiet
        )
        let expected = SiteGenError.server(
            reason:
                "192.0.2.1 is not an address of this machine; use --host 127.0.0.1 for this machine only, or --host "
                + "0.0.0.0 for all its addresses"
        )
        await #expect(throws: expected) { try await foreign.run() }
    }
}

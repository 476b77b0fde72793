import Testing

@testable import SiteGen

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/", "", true), ("/index.html", "index.html", false), ("/runs/a/", "runs/a", true),
        ("/runs/a?x=/..", "runs/a", false), ("/a%20b", "a b", false), ("/%C3%A9", "é", false),
        ("/.well-known/security.txt", ".well-known/security.txt", false),
        ("http://localhost:8080/a", "a", false), ("http://localhost", "", true),
        ("/a%25%32%65", "a%2e", false),
        ("/a..b", "a..b", false),
    ])
    func `paths are decoded once`(target: String, path: String, endsInSlash: Bool) throws {
        let parsed = try RequestTarget(target)
        #expect(parsed.path == path)
        #expect(parsed.endsInSlash == endsInSlash)
    }

    @Test(arguments: [
        ("/..", RequestTarget.Refusal.hidden), ("/../etc/passwd", .hidden), ("/a/../b", .hidden),
        ("/%2e%2e/etc/passwd", .hidden), ("/..%2fetc", .hidden), ("/.%2e/x", .hidden), ("/./a", .hidden),
        ("//etc/passwd", .hidden), ("/a//b", .hidden), ("/.git/config", .hidden), ("/a/.env", .hidden),
        ("/a/.well-known/x", .hidden), ("/a%2Fb", .hidden), ("/a//", .hidden),
        ("/.voxsite-manifest", .hidden),
        ("/a%00b", .malformed), ("/a\\..\\b", .malformed), ("/a%5cb", .malformed), ("/a%0d%0ab", .malformed),
        ("/a%7f", .malformed), ("/%", .malformed), ("/%4", .malformed), ("/%zz", .malformed),
        ("/%c0%ae%c0%ae/x", .malformed), ("/%ff", .malformed), ("", .malformed), ("*", .malformed),
        ("index.html", .malformed),
        ("/" + String(repeating: "a", count: 300), .tooLong),
        ("/" + String(repeating: "a/", count: 3000), .tooLong),
        ("/" + String(repeating: "%61", count: 9000), .tooLong),
    ])
    func `what could leave the site is refused`(target: String, refusal: RequestTarget.Refusal) {
        #expect(throws: refusal) { try RequestTarget(target) }
    }

    @Test func `no bytes give a path that leaves the site`() {
        var random = Seeded(seed: 11)
        let pieces = [
            "/", ".", "..", "%2e", "%2f", "%5c", "\\", "%00", "a", "%", "é", "?", "#", "%c0%af", ":",
        ]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...10, using: &random)
            let target =
                "/"
                + (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            guard let parsed = try? RequestTarget(target) else { continue }
            let components = parsed.path.split(separator: "/" as Character, omittingEmptySubsequences: false)
            #expect(
                parsed.path.isEmpty || components.allSatisfy { !$0.isEmpty && $0.utf8.first != 0x2E },
                "\(target)"
            )
            #expect(parsed.path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x5C && $0 != 0x7F }, "\(target)")
        }
    }

    @Test func `the location of a folder is relative and names nothing else`() throws {
        #expect(try RequestTarget("/runs/a").withSlash == "./a/")
        #expect(try RequestTarget("/javascript%3Aalert(1)").withSlash == "./javascript%3Aalert%281%29/")
        #expect(try RequestTarget("/a?b=c").withSlash == "./a/?b=c")
    }

    @Test func `parameters are decoded`() throws {
        let target = try RequestTarget("/api?run=a%2Db+c&run=x&empty")
        #expect(target.parameter("run") == "a-b c")
        #expect(target.parameter("empty") == "")
        #expect(try RequestTarget("/api?run=%00").parameter("run") == "")
        #expect(target.parameter("none") == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", "localhost:8080", true), ("127.0.0.1", "LOCALHOST", true),
        ("127.0.0.1", "127.0.0.1:1", true),
        ("127.0.0.1", "[::1]:80", true), ("127.0.0.1", "[::1]", true), ("127.0.0.1", "evil.example", false),
        ("127.0.0.1", "127.0.0.1.evil.example", false), ("127.0.0.1", "localhost.", false),
        ("::1", "evil", false),
        ("localhost", "evil", false), ("127.0.0.1", "", false), ("127.0.0.1", "proxy.example:443", true),
        ("0.0.0.0", "evil.example", true), ("192.168.1.2", "anything", true),
    ])
    func `a loopback server answers to its own names`(bound: String, host: String, isAccepted: Bool) {
        #expect(HostGuard(boundTo: bound, allowing: ["Proxy.example"]).accepts(host) == isAccepted)
    }
}

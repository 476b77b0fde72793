import Testing

@testable import Avatar

/// Who may make clips.
@Suite struct APIAccessTests {
    private static let token = "0123456789abcdef"

    private func request(_ fields: [String: String] = [:]) -> APIRequest {
        APIRequest(method: "POST", path: "speak", field: { fields[$0] }, body: { _, _ in [] })
    }

    private func status(_ access: APIAccess, _ fields: [String: String] = [:]) -> Int {
        do { try access.check(request(fields)) } catch { return error.status }
        return 200
    }

    @Test func `on loopback nobody needs a token`() throws {
        let access = try APIAccess(environment: [:], isLocal: true)
        #expect(status(access) == 200 && !access.needsToken(request()) && access.isOpen(request()))
        #expect(status(access, ["sec-fetch-site": "same-origin"]) == 200)
        #expect(status(access, ["sec-fetch-site": "cross-site"]) == 403)
        #expect(status(access, ["sec-fetch-site": "same-site"]) == 403)
    }

    @Test func `pages of other origins make no clips`() throws {
        let access = try APIAccess(environment: [:], isLocal: true)
        func answer(
            _ origin: String,
            _ host: String? = "localhost:8080",
            _ more: [String: String] = [:]
        ) -> Int {
            var fields = more.merging(["origin": origin]) { $1 }
            fields["host"] = host
            return status(access, fields)
        }
        #expect(answer("http://localhost:8080") == 200 && answer("HTTP://LOCALHOST:8080") == 200)
        #expect(answer("http://[::1]:8080", "[::1]:8080") == 200)
        for origin in ["http://localhost:8081", "https://evil.example", "null", "", "localhost:8080"] {
            #expect(answer(origin) == 403, "\(origin)")
        }
        #expect(answer("http://localhost:8080", nil) == 403)
        // Through a proxy the token decides.
        let secured = try APIAccess(environment: ["VOXSITE_API_TOKEN": Self.token], isLocal: true)
        let proxied = [
            "x-forwarded-for": "203.0.113.7", "authorization": "Bearer \(Self.token)",
            "origin": "https://dashboard.example.org", "host": "127.0.0.1:8080",
        ]
        #expect(status(secured, proxied) == 200)
    }

    @Test func `elsewhere without a token nobody makes clips`() throws {
        let access = try APIAccess(environment: [:], isLocal: false)
        #expect(status(access) == 403 && access.needsToken(request()) && !access.isOpen(request()))
        #expect(status(access, ["authorization": "Bearer "]) == 403)
    }

    @Test(arguments: [
        "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via",
    ])
    func `on loopback, whoever comes through a proxy needs a token`(_ field: String) throws {
        let proxied = [field: "203.0.113.7"]
        let access = try APIAccess(environment: [:], isLocal: true)
        #expect(status(access, proxied) == 403)
        #expect(access.needsToken(request(proxied)) && !access.isOpen(request(proxied)))
        #expect(throws: APIRefusal.self) { try access.check(request(proxied)) }
        do { try access.check(request(proxied)) } catch {
            #expect(error.reason.contains("VOXSITE_API_TOKEN"))
            #expect(error.reason.contains("openssl rand -hex 24"))
        }
        let secured = try APIAccess(environment: ["VOXSITE_API_TOKEN": Self.token], isLocal: true)
        #expect(status(secured, proxied) == 401 && secured.isOpen(request(proxied)))
        let bearer = proxied.merging(["authorization": "Bearer \(Self.token)"]) { $1 }
        // A proxy that adds the token for everybody: nobody is asked for it.
        #expect(status(secured, bearer) == 200 && !secured.needsToken(request(bearer)))
    }

    @Test(arguments: [true, false])
    func `a token that is set is always needed`(_ isLocal: Bool) throws {
        let access = try APIAccess(environment: ["VOXSITE_API_TOKEN": Self.token], isLocal: isLocal)
        #expect(status(access) == 401 && access.needsToken(request()) && access.isOpen(request()))
        #expect(status(access, ["authorization": "Bearer \(Self.token)"]) == 200)
        #expect(status(access, ["authorization": "bearer \(Self.token)"]) == 200)
        for wrong in [
            "Bearer \(Self.token)0", "Bearer", "Basic \(Self.token)", Self.token, "Bearer 0123456789abcdee",
        ] {
            #expect(status(access, ["authorization": wrong]) == 401, "\(wrong)")
        }
    }

    @Test func `a token that could be guessed is refused, and never shown`() {
        #expect { try APIAccess(environment: ["VOXSITE_API_TOKEN": "hunter2"], isLocal: true) } throws: {
            "\($0)".hasPrefix("the server does not start: VOXSITE_API_TOKEN") && !"\($0)".contains("hunter2")
        }
    }
}

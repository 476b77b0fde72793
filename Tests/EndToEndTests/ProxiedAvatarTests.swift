import Foundation
import TestSupport
import Testing

/// The avatar API behind a real nginx with the block of `deploy/nginx.conf`.
@Suite(
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(if: NginxProxy.executable != nil, "no nginx here: apt install nginx-light"),
    .enabled(if: SpokenRequests.canSpeak, "needs voxsite-speech-helper, espeak-ng-data and ffmpeg")
)
struct ProxiedAvatarTests {
    private static let token = "0123456789abcdef0123"
    private static let sound = #"{"text":"a","generate_video":false}"#

    private func proxied(
        _ environment: [String: String] = [:],
        addingToken token: String? = nil,
        _ body: (_ proxyPort: Int, _ ownPort: Int) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory()
        try folder.write("<h1>site</h1>", to: "site/index.html")
        let program = try #require(Products.executable("voxsite"))
        let server = try ChildProcess(
            "/usr/bin/env",
            environment.map { "\($0.key)=\($0.value)" } + [program, "serve", "--port", "0"],
            directory: folder.path
        )
        let line = try await server.waitForError(containing: "Serving http://")
        let port = try #require(Int(line.split(separator: ":").last?.split(separator: "/").first ?? ""))
        let proxy = try await NginxProxy(to: port, addingToken: token)
        try await body(proxy.port, port)
        server.signal(SIGTERM)
        #expect(try await server.waitForExit(seconds: 20) == 0, "\(server.errorLines)")
    }

    @Test func `without a token the world reads, and only the machine itself makes clips`() async throws {
        try await proxied { proxy, own in
            #expect(try SpokenRequests.send(proxy, "GET", "/index.html").body == "<h1>site</h1>")
            let refusal = try SpokenRequests.speak(proxy, Self.sound)
            #expect(refusal.status == 403 && refusal.body.contains("VOXSITE_API_TOKEN"), "\(refusal.body)")
            let points = try SpokenRequests.send(
                proxy,
                "PUT",
                "/api/avatar/avatars/art_0/rig",
                fields: ["Content-Type: application/json"],
                body: "{}"
            )
            #expect(points.status == 403)
            let status = try SpokenRequests.send(proxy, "GET", "/api/avatar/status").json
            #expect(status["available"] as? Bool == false && status["token_required"] as? Bool == true)
            let direct = try SpokenRequests.send(own, "GET", "/api/avatar/status").json
            #expect(direct["available"] as? Bool == true && direct["token_required"] as? Bool == false)
            #expect(try SpokenRequests.speak(own, Self.sound).status == 200)
        }
    }

    @Test func `with a token the visitor sends it`() async throws {
        try await proxied(["VOXSITE_API_TOKEN": Self.token]) { proxy, _ in
            #expect(try SpokenRequests.speak(proxy, Self.sound).status == 401)
            let status = try SpokenRequests.send(proxy, "GET", "/api/avatar/status").json
            #expect(status["available"] as? Bool == true && status["token_required"] as? Bool == true)
            let bearer = ["Authorization: Bearer \(Self.token)"]
            #expect(try SpokenRequests.speak(proxy, Self.sound, fields: bearer).status == 200)
        }
    }

    @Test func `behind a password nginx adds the token`() async throws {
        let environment = ["VOXSITE_API_TOKEN": Self.token]
        try await proxied(environment, addingToken: Self.token) { proxy, _ in
            #expect(try SpokenRequests.speak(proxy, Self.sound).status == 401, "nginx wants the password")
            let known = ["Authorization: Basic \(NginxProxy.credentials)"]
            let answer = try SpokenRequests.speak(proxy, Self.sound, fields: known)
            #expect(answer.status == 200, "\(answer.body)")
            let status = try SpokenRequests.send(proxy, "GET", "/api/avatar/status", fields: known).json
            #expect(status["available"] as? Bool == true && status["token_required"] as? Bool == false)
        }
    }
}

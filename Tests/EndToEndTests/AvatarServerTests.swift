import Foundation
import Glibc
import TestSupport
import Testing

/// The avatar API of a running `voxsite serve`: the call of its documentation, and ten of a hostile client.
@Suite(
    .serialized,
    .timeLimit(.minutes(4)),
    .enabled(if: SpokenRequests.canSpeak, "needs voxsite-speech-helper, espeak-ng-data and ffmpeg")
)
struct AvatarServerTests {
    private func serving(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        _ body: (Int, TemporaryDirectory) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory()
        try folder.write("<h1>site</h1>", to: "site/index.html")
        let program = try #require(Products.executable("voxsite"))
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let server = try ChildProcess(
            "/usr/bin/env",
            variables + [program, "serve", "--port", "0"] + arguments,
            directory: folder.path
        )
        let line = try await server.waitForError(containing: "Serving http://")
        let port = try #require(Int(line.split(separator: ":").last?.split(separator: "/").first ?? ""))
        try await body(port, folder)
        server.signal(SIGTERM)
        #expect(try await server.waitForExit(seconds: 20) == 0, "\(server.errorLines)")
    }

    private func media(_ folder: TemporaryDirectory) -> [String] {
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs"))) ?? []
        return runs.flatMap {
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path(of: "runs/\($0)/media"))) ?? []
        }
    }

    @Test func `a token that could be guessed keeps the server from starting`() async throws {
        let folder = try TemporaryDirectory()
        let program = try #require(Products.executable("voxsite"))
        let server = try ChildProcess(
            program,
            ["serve", "--port", "0"],
            directory: folder.path,
            environment: ["VOXSITE_API_TOKEN": "short"]
        )
        #expect(try await server.waitForExit(seconds: 20) == 1)
        #expect(
            server.errorLines.first?.hasPrefix("voxsite: the server does not start: VOXSITE_API_TOKEN")
                == true
        )
    }

    @Test func `the documented call makes a clip that plays`() async throws {
        try await serving { port, _ in
            let answer = try SpokenRequests.speak(
                port,
                #"{"text":"Hello world","generate_video":true,"avatar_id":"art_0"}"#
            )
            #expect(answer.status == 200 && answer.json["has_video"] as? Bool == true, "\(answer.body)")
            let video = try #require(answer.json["video_url"] as? String)
            let part = try SpokenRequests.send(port, "GET", video, fields: ["Range: bytes=4-7"])
            #expect(part.status == 206 && part.body == "ftyp" && part.head.contains("video/mp4"))
            for key in ["audio_url", "poster_url", "waveform_url", "mouth_openness_url"] {
                let address = try #require(answer.json[key] as? String)
                #expect(try SpokenRequests.send(port, "HEAD", address).status == 200, "\(key)")
            }
        }
    }

    @Test func `a hostile client's calls are answered properly and write nothing`() async throws {
        try await serving { port, folder in
            let json = ["Content-Type: application/json"]
            // 1: out of the folder.
            for path in [
                "media/../../../../etc/passwd", "media/%2e%2e/%2e%2e/etc/passwd",
                "media/avatar-1/..%2frun.json",
                "media/avatar-1/metrics.jsonl", "avatars/..%2f..%2fetc/picture", "jobs/../speak/events",
            ] {
                #expect(try SpokenRequests.send(port, "GET", "/api/avatar/\(path)").status == 404, "\(path)")
            }
            for name in ["../../etc/passwd", "/etc/passwd", "art_0/../default", "art_0\\u0000"] {
                let answer = try SpokenRequests.speak(port, "{\"text\":\"a\",\"avatar_id\":\"\(name)\"}")
                #expect(answer.status == 400, "\(answer.body)")
            }
            // 2: a huge body, told and untold.
            let told = try SpokenRequests.send(
                port,
                "POST",
                "/api/avatar/speak",
                fields: json + ["Content-Length: 99999999999"]
            )
            #expect(told.status == 413)
            let chunk = "4000\r\n" + String(repeating: "a", count: 0x4000) + "\r\n"
            let connection = try SpokenRequests.connect(port)
            SpokenRequests.write(
                connection,
                "POST /api/avatar/speak HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk
            )
            #expect(SpokenRequests.read(connection).status == 413)
            close(connection)
            // 3: a slow body.
            let slow = try SpokenRequests.connect(port)
            SpokenRequests.write(
                slow,
                "POST /api/avatar/speak HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 20\r\n\r\n{\"text\":"
            )
            #expect(SpokenRequests.read(slow).status == 408)
            close(slow)
            // 4: wrong types, 5: NUL and emptiness, 6: what is no JSON.
            for body in [
                #"{"text":[]}"#, #"{"text":"a","generate_video":"yes"}"#, #"{"text":"a\u0000"}"#,
                #"{"text":""}"#,
                "{", "\u{0}", "null", #"{"text":"a","voice_settings":{"stability":1e999}}"#,
                #"{"text":"a","voice_id":"espeak:en; rm -rf /"}"#, #"{"text":"a","voice_id":"--help"}"#,
                "{\"text\":\"\(String(repeating: "a", count: 1_001))\"}",
            ] {
                let answer = try SpokenRequests.speak(port, body)
                #expect(answer.status == 400 && answer.json["error"] is String, "\(body): \(answer.body)")
            }
            // 7: other types, methods and sites.
            for type in ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"] {
                let answer = try SpokenRequests.send(
                    port,
                    "POST",
                    "/api/avatar/speak",
                    fields: ["Content-Type: \(type)"],
                    body: #"{"text":"a"}"#
                )
                #expect(answer.status == 415)
            }
            #expect(try SpokenRequests.send(port, "PUT", "/api/avatar/speak", body: "x").status == 405)
            let foreign = try SpokenRequests.speak(
                port,
                #"{"text":"a"}"#,
                fields: ["Sec-Fetch-Site: cross-site"]
            )
            #expect(foreign.status == 403)
            // SpokenRequests sends the name alone as Host; nothing can be said, so that no file is made.
            for (origin, status) in [("http://localhost:1", 403), ("null", 403), ("http://localhost", 400)] {
                let answer = try SpokenRequests.speak(port, #"{"text":""}"#, fields: ["Origin: \(origin)"])
                #expect(answer.status == status, "\(origin): \(answer.body)")
            }
            // 8: nothing of all this made a file.
            #expect(media(folder).isEmpty && !folder.exists("runs"))
            // 9: a script is only words, and comes back as JSON alone.
            let script = try SpokenRequests.speak(
                port,
                #"{"text":"<script>alert(1)</script>","generate_video":false}"#
            )
            #expect(script.status == 200 && script.head.contains("application/json"))
            #expect(script.head.contains("nosniff") && !script.body.contains("<script>"))
            #expect(media(folder).allSatisfy { $0.hasPrefix("speak-") && !$0.contains("script") })
        }
    }

    @Test func `a thousand requests are taken or told to come back, and the site stays up`() async throws {
        try await serving { port, _ in
            let text = String(repeating: "a long text ", count: 80)
            var statuses: [Int: Int] = [:]
            for _ in 0..<1_000 {
                let answer = try SpokenRequests.speak(
                    port,
                    "{\"text\":\"\(text)\"}",
                    fields: ["Prefer: respond-async"]
                )
                statuses[answer.status, default: 0] += 1
                if answer.status == 429 { #expect(answer.head.contains("Retry-After: ")) }
            }
            #expect((statuses[202] ?? 0) >= 8 && (statuses[202] ?? 0) + (statuses[429] ?? 0) == 1_000)
            #expect((statuses[429] ?? 0) >= 900, "\(statuses)")
            #expect(try SpokenRequests.send(port, "GET", "/index.html").body == "<h1>site</h1>")
        }
    }

    @Test func `a client that goes away ends its clip, and a server that stops the rest`() async throws {
        try await serving { port, folder in
            let text = String(repeating: "a long text ", count: 25)
            let body = "{\"text\":\"\(text)\"}"
            let connection = try SpokenRequests.connect(port)
            SpokenRequests.write(
                connection,
                "POST /api/avatar/speak HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            try await waitUntil { media(folder).contains(where: { $0.hasSuffix(".video") }) }
            close(connection)
            try await waitUntil { media(folder).isEmpty }
            let job = try SpokenRequests.speak(port, body, fields: ["Prefer: respond-async"])
            #expect(job.status == 202)
            try await waitUntil { media(folder).contains(where: { $0.hasSuffix(".video") }) }
        }
    }

    @Test func `where others can come, a token is needed`() async throws {
        let token = "0123456789abcdef0123"
        let body = #"{"text":"a","generate_video":false}"#
        try await serving(["--allow-host", "demo.example"]) { port, _ in
            let without = try SpokenRequests.speak(port, body)
            #expect(without.status == 403 && without.body.contains("VOXSITE_API_TOKEN"))
        }
        let environment = ["VOXSITE_API_TOKEN": token]
        try await serving(["--allow-host", "demo.example"], environment: environment) { port, _ in
            for (fields, status) in [([], 401), (["Bearer wrong"], 401), (["Bearer \(token)"], 200)] {
                let answer = try SpokenRequests.speak(
                    port,
                    body,
                    fields: fields.map { "Authorization: \($0)" }
                )
                #expect(answer.status == status && !answer.body.contains(token))
            }
        }
    }
}

import Foundation
import TestSupport
import Testing

@testable import Avatar

/// The API without a server: its answers, its queue, its cancellation.
@Suite(.timeLimit(.minutes(2))) struct AvatarAPITests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func api(
        _ engines: [any AnimationEngine] = [StandInEngine()],
        voice: HummingProvider = HummingProvider(),
        configure: (inout AvatarAPIConfiguration) -> Void = { _ in }
    ) throws -> AvatarAPI {
        var configuration = AvatarAPIConfiguration(
            maker: StubClips.maker(engines, voice: voice),
            runs: folder.path(of: "runs"),
            access: try APIAccess(environment: [:], isLocal: true)
        )
        configure(&configuration)
        return AvatarAPI(configuration)
    }

    private static func request(
        _ method: String,
        _ path: String,
        _ body: String = "",
        fields: [String: String] = [:]
    ) -> APIRequest {
        let all = ["content-type": "application/json"].merging(fields) { $1 }
        return APIRequest(
            method: method,
            path: path,
            field: { all[$0] },
            body: { limit, _ in
                guard body.utf8.count <= limit else { throw APIRequest.BodyFailure.tooLong }
                return Array(body.utf8)
            }
        )
    }

    private struct Reply {
        var status: Int
        var fields: [String: String]
        var json: [String: Any]
    }

    private func ask(
        _ api: AvatarAPI,
        _ method: String,
        _ path: String,
        _ body: String = "",
        fields: [String: String] = [:]
    ) async throws -> Reply {
        let answer = try await api.answer(Self.request(method, path, body, fields: fields))
        guard case .whole(let status, let header, _, let bytes) = answer else {
            return Reply(status: 0, fields: [:], json: [:])
        }
        let json = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        return Reply(
            status: status,
            fields: Dictionary(header.map { ($0.name, $0.value) }) { $1 },
            json: json ?? [:]
        )
    }

    private func running(_ api: AvatarAPI, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await api.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test func `a clip is made and its files have addresses`() async throws {
        let api = try api()
        try await running(api) {
            let reply = try await ask(api, "POST", "speak", #"{"text":"Hello","avatar_id":"art_0"}"#)
            #expect(reply.status == 200 && reply.json["has_video"] as? Bool == true)
            let id = try #require(reply.json["request_id"] as? String)
            let video = try #require(reply.json["video_url"] as? String)
            #expect(video.hasPrefix("/api/avatar/media/avatar-") && video.hasSuffix("/\(id).mp4"))
            #expect((reply.json["audio_url"] as? String)?.hasSuffix("/\(id).wav") == true)
            #expect(abs((reply.json["duration"] as? Double ?? 0) - 0.4) < 1e-9)
            #expect((reply.json["processing_time"] as? Double ?? 0) > 0)
            #expect(reply.json["neural"] as? Bool == true)
            let path = String(video.dropFirst("/api/avatar/".count))
            guard case .file(let root, let file) = try await api.answer(Self.request("GET", path)) else {
                Issue.record("no file")
                return
            }
            #expect(root == folder.path(of: "runs") && folder.exists("runs/\(file)"))
        }
    }

    @Test func `a video that fails keeps the sound and says why`() async throws {
        let api = try api([StandInEngine(manner: .fails)])
        try await running(api) {
            let reply = try await ask(api, "POST", "speak", #"{"text":"Hello"}"#)
            #expect(reply.status == 200 && reply.json["has_video"] as? Bool == false)
            #expect(reply.json["video_url"] == nil && reply.json["audio_url"] != nil)
            #expect((reply.json["video_problem"] as? String)?.contains("no more") == true)
        }
    }

    @Test func `failures have the status that tells whose fault they are`() async throws {
        let cases: [(AvatarError, Int)] = [
            (.timeout(what: "x", seconds: 1), 504),
            (.speechService(name: "x", reason: "y", remedy: "z"), 502),
            (.rateLimited(name: "x", retryAfterSeconds: 7, reason: "y"), 503), (.text(reason: "odd"), 400),
            (.speechHelper(path: "x", reason: "y", remedy: "z"), 500),
        ]
        for (error, status) in cases {
            let api = try api(voice: HummingProvider(failure: error))
            try await running(api) {
                let reply = try await ask(api, "POST", "speak", #"{"text":"Hello"}"#)
                #expect(reply.status == status && reply.json["error"] as? String == "\(error)")
                if status == 503 { #expect(reply.fields["Retry-After"] == "7") }
            }
        }
        #expect(StubClips.media(folder).isEmpty)
    }

    @Test(arguments: [
        ("GET", "speak", 405), ("POST", "voices", 405), ("POST", "speak/", 404), ("GET", "", 404),
        ("GET", "nothing", 404), ("GET", "jobs/x", 404), ("GET", "jobs/x/events", 404),
        ("DELETE", "jobs/x", 404),
        ("GET", "media/avatar-1/x.wav", 404), ("GET", "avatars/nobody/picture", 404),
        ("TRACE", "status", 405),
    ])
    func `what is not there is said so`(_ method: String, _ path: String, _ status: Int) async throws {
        let reply = try await ask(try api(), method, path)
        #expect(reply.status == status && reply.json["error"] is String)
        #expect((status == 405) == (reply.fields["Allow"] != nil))
    }

    @Test func `only JSON that says so is read`() async throws {
        for type in [
            "text/plain", "application/x-www-form-urlencoded", "", "application/jsonp", "multipart/form-data",
        ] {
            let reply = try await ask(
                try api(),
                "POST",
                "speak",
                #"{"text":"a"}"#,
                fields: ["content-type": type]
            )
            #expect(reply.status == 415, "\(type)")
        }
        let long = "{\"text\":\"" + String(repeating: "a", count: 40_000) + "\"}"
        #expect(try await ask(try api(), "POST", "speak", long).status == 413)
    }

    @Test func `of a thousand requests the queue takes a few and tells the others when to come back`()
        async throws
    {
        let api = try api([StandInEngine(manner: .hangs)]) { $0.waitingLimit = 3 }
        try await running(api) {
            var statuses: [Int: Int] = [:]
            var jobs: [String] = []
            for _ in 0..<1_000 {
                let reply = try await ask(
                    api,
                    "POST",
                    "speak",
                    #"{"text":"Hello"}"#,
                    fields: ["prefer": "respond-async"]
                )
                statuses[reply.status, default: 0] += 1
                if let job = reply.json["request_id"] as? String { jobs.append(job) }
                if reply.status == 429 {
                    #expect((1...600).contains(Int(reply.fields["Retry-After"] ?? "") ?? 0))
                }
            }
            #expect(jobs.count == statuses[202] && (3...4).contains(jobs.count))
            #expect(statuses[429] == 1_000 - jobs.count)
            let status = try await ask(api, "GET", "status")
            let queue = try #require(status.json["queue"] as? [String: Any])
            #expect(queue["limit"] as? Int == 3)
            for job in jobs { _ = try await ask(api, "DELETE", "jobs/\(job)") }
        }
        #expect(StubClips.media(folder).isEmpty)
    }

    @Test func `a client that goes away ends its clip and leaves nothing`() async throws {
        let api = try api([StandInEngine(manner: .hangs)])
        try await running(api) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await api.answer(Self.request("POST", "speak", #"{"text":"Hello"}"#))
                }
                // The video has been begun: its first bytes are there.
                try await waitUntil { StubClips.media(folder).contains(where: { $0.hasSuffix(".mp4") }) }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            try await waitUntil { await api.queue.counts.running == 0 }
            #expect(StubClips.media(folder).isEmpty)
        }
    }

    @Test func `a job tells what it does, to its end`() async throws {
        let api = try api()
        let reply = try await ask(
            api,
            "POST",
            "speak",
            #"{"text":"Hello"}"#,
            fields: ["prefer": "respond-async, wait=1"]
        )
        #expect(reply.status == 202 && reply.fields["Preference-Applied"] == "respond-async")
        let id = try #require(reply.json["request_id"] as? String)
        #expect(reply.fields["Location"] == "/api/avatar/jobs/\(id)")
        let waiting = try await ask(api, "GET", "jobs/\(id)")
        #expect(waiting.json["state"] as? String == "waiting" && waiting.json["ahead"] as? Int == 0)
        guard case .events(let events) = try await api.answer(Self.request("GET", "jobs/\(id)/events")) else {
            Issue.record("no events")
            return
        }
        try await running(api) {
            var last = ""
            for await event in events {
                #expect(event.hasPrefix("event: ") && event.hasSuffix("\n\n"))
                last = event
            }
            #expect(last.hasPrefix("event: end\ndata: {\"state\":\"done\",\"clip\":{\"audio_url\":"))
            let done = try await ask(api, "GET", "jobs/\(id)")
            #expect(done.json["state"] as? String == "done")
        }
    }

    @Test func `a clip whose sound takes too long is given up`() async throws {
        let slow = try api(voice: HummingProvider(hangs: true)) {
            ($0.soundSeconds, $0.videoSeconds) = (0.1, 0.1)
        }
        try await running(slow) {
            let reply = try await ask(slow, "POST", "speak", #"{"text":"Hello"}"#)
            #expect(reply.status == 504 && (reply.json["error"] as? String)?.contains("0.2 s") == true)
        }
        #expect(StubClips.media(folder).isEmpty)
    }

    @Test func `a video that takes too long is given up, and its sound is kept`() async throws {
        let api = try api([StandInEngine(manner: .hangs)]) { $0.videoSeconds = 0.1 }
        try await running(api) {
            let reply = try await ask(api, "POST", "speak", #"{"text":"Hello"}"#)
            #expect(reply.status == 200 && reply.json["has_video"] as? Bool == false)
            #expect((reply.json["video_problem"] as? String)?.contains("no end after 0.1 s") == true)
            let id = try #require(reply.json["request_id"] as? String)
            #expect(StubClips.media(folder) == ["\(id).wav", "\(id).waveform.png"])
        }
    }

    @Test func `an engine that gives itself more time has it, and the next one has its own`() async throws {
        let patient = StandInEngine(name: "patient", limitSeconds: 3_600)
        let maker = StubClips.maker([patient, StandInEngine()])
        #expect(maker.longestVideoSeconds == nil, "on the command line nothing is given up")
        var limited = maker
        limited.videoSeconds = 600
        #expect(limited.longestVideoSeconds == 4_200)
        let api = try api([StandInEngine(name: "slow", manner: .hangs), StandInEngine(name: "quick")]) {
            $0.videoSeconds = 0.1
        }
        try await running(api) {
            let reply = try await ask(api, "POST", "speak", #"{"text":"Hello"}"#)
            #expect(reply.json["engine"] as? String == "quick-1")
            #expect((reply.json["engine_reason"] as? String)?.contains("slow: the video: no end") == true)
        }
    }

    @Test func `a clip that nobody asks for is given up, and says so`() async throws {
        let lonely = try api([StandInEngine(manner: .hangs)]) { $0.abandonedSeconds = 0.15 }
        try await running(lonely) {
            let fields = ["prefer": "respond-async"]
            let reply = try await ask(lonely, "POST", "speak", #"{"text":"Hello"}"#, fields: fields)
            let job = try #require(reply.json["request_id"] as? String)
            // Its engine hangs: only giving it up ends it.
            try await waitUntil {
                let counts = await lonely.queue.counts
                return counts.running + counts.waiting == 0
            }
            let end = try await ask(lonely, "GET", "jobs/\(job)")
            #expect(end.json["state"] as? String == "failed" && end.json["status"] as? Int == 410)
            #expect((end.json["error"] as? String)?.contains("nobody asked") == true)
        }
        #expect(StubClips.media(folder).isEmpty)
    }

    @Test func `a server that stops refuses what waits and what comes`() async throws {
        let api = try api([StandInEngine(manner: .hangs)])
        try await withThrowingTaskGroup(of: Int?.self) { group in
            let server = Task { await api.run() }
            group.addTask { try await ask(api, "POST", "speak", #"{"text":"One"}"#).status }
            try await waitUntil { await api.queue.counts.running > 0 }
            group.addTask { try await ask(api, "POST", "speak", #"{"text":"Two"}"#).status }
            try await waitUntil { await api.queue.counts.waiting > 0 }
            server.cancel()
            for try await status in group { #expect(status == 503) }
            await server.value
        }
        #expect(try await ask(api, "POST", "speak", #"{"text":"Three"}"#).status == 503)
    }

    @Test func `voices, avatars and status say what there is`() async throws {
        let api = try api([StandInEngine(missing: "it is elsewhere")])
        let voices = try await ask(api, "GET", "voices")
        #expect((voices.json["voices"] as? [[String: Any]])?.first?["voice_id"] as? String == "hum:one")
        let avatars = try await ask(api, "GET", "avatars")
        let list = try #require(avatars.json["avatars"] as? [[String: Any]])
        #expect(Set(list.compactMap { $0["avatar_id"] as? String }) == Set(BuiltInAvatars.ids))
        let address = try #require(list.first?["picture_url"] as? String)
        let picture = try await api.answer(
            Self.request("GET", String(address.dropFirst("/api/avatar/".count)))
        )
        guard case .whole(200, _, "image/png", let bytes) = picture else {
            Issue.record("no picture")
            return
        }
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        let status = try await ask(api, "GET", "status")
        let engine = try #require((status.json["engines"] as? [[String: Any]])?.first)
        #expect(engine["usable"] as? Bool == false && engine["problem"] as? String == "it is elsewhere")
        #expect(engine["set_up"] as? Bool == true)
        #expect(status.json["token_required"] as? Bool == false && status.json["available"] as? Bool == true)
    }
}

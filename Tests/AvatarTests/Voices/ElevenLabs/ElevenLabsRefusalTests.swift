import Foundation
import TestSupport
import Testing

@testable import Avatar

@Suite("ElevenLabs when it refuses, fails, or is not there")
struct ElevenLabsRefusalTests {
    @Test("without a key, or with one that cannot be, nothing is asked and the command is told")
    func keys() async throws {
        let server = try StubServer { _ in .json(StubElevenLabs.voices) }
        for (key, words) in [
            (nil, "is not set"), ("", "is not set"), ("a b", "cannot be a key"), ("a\r\nX: y", "cannot be"),
        ] {
            let environment = key.map { ["ELEVENLABS_API_KEY": $0] } ?? [:]
            let configuration = ElevenLabsConfiguration(environment: environment, baseURL: server.url)
            let provider = ElevenLabsProvider(configuration: configuration, pronunciation: nil)
            await #expect { try await provider.voices() } throws: { error in
                "\(error)".contains(words) && "\(error)".contains("run: export ELEVENLABS_API_KEY=")
            }
        }
        #expect(server.requests.isEmpty)
    }

    @Test(
        "the key goes over an open line to nobody but this machine",
        arguments: [
            "http://api.elevenlabs.io", "http://127.0.0.1.evil.example", "ftp://127.0.0.1",
            "https://user:pw@x.example",
            "file:///etc/passwd", "", "https://", "http://localhost@evil.example", "https://x.example/?a=b",
        ]
    )
    func openLines(url: String) async throws {
        let configuration = ElevenLabsConfiguration(
            environment: ["ELEVENLABS_API_KEY": StubElevenLabs.key],
            baseURL: url
        )
        let provider = ElevenLabsProvider(configuration: configuration, pronunciation: nil)
        await #expect { try await provider.voices() } throws: { "\($0)".contains("is not one of https") }
    }

    @Test(
        "refusals say what happened and what to do",
        arguments: [
            (
                401, #"{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}"#,
                "the key is refused: Invalid API key"
            ),
            (
                401, #"{"detail":{"status":"quota_exceeded","message":"0 left"}}"#,
                "its credits are used up: 0 left"
            ),
            (402, #"{"detail":"Payment needed"}"#, "it wants to be paid: Payment needed"),
            (403, "", "the key may not do this"),
            (
                400, #"{"detail":{"status":"voice_not_found","message":"x"}}"#,
                "the account has none of that name"
            ),
            (404, #"{"detail":"Not Found"}"#, "the account has none of that name"),
            (404, "<html>", "status 404"),
            (
                422, #"{"detail":[{"loc":["body","text",0],"msg":"too long","type":"t"}]}"#,
                "body.text.0: too long"
            ),
            (413, "x", "the request is refused"),
            (500, "<html>", "it failed (status 500); try again"),
            (502, "", "it failed (status 502)"),
            (302, "", "status 302"),
            (200, "<html>", "it holds no audio"),
            (200, "{}", "it holds no audio"),
            (200, #"{"audio_base64":"****"}"#, "empty or damaged"),
            (200, #"{"audio_base64":""}"#, "empty or damaged"),
        ]
    )
    func refusals(status: Int, body: String, words: String) async throws {
        let error = try await StubElevenLabs.message(
            for: .json(body, status: status, headers: ["Location": "http://127.0.0.1:1/"])
        )
        #expect("\(error)".contains(words), "\(error)")
        #expect("\(error)".contains(";"))
    }

    @Test(
        "a service that is busy says when to come again",
        arguments: [
            (429, #"{"detail":{"status":"too_many_concurrent_requests","message":"x"}}"#, "7", 7.0),
            (429, "", "soon", nil), (503, "", "120", 120), (429, "", "-5", 0), (429, "", "1e99", 86_400),
        ]
    )
    func busy(status: Int, body: String, retryAfter: String, seconds: Double?) async throws {
        let error = try await StubElevenLabs.message(
            for: .json(body, status: status, headers: ["Retry-After": retryAfter])
        )
        guard case .rateLimited(_, let found, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(found == seconds)
        #expect("\(error)".contains("try again in"))
    }

    @Test("a date in Retry-After is understood")
    func retryDate() {
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(ElevenLabsRefusal.seconds("Sun, 06 Nov 1994 08:50:07 GMT", now: now) == 30)
        #expect(ElevenLabsRefusal.seconds("Sun, 06 Nov 1994 08:00:00 GMT", now: now) == 0)
        #expect(ElevenLabsRefusal.seconds(nil, now: now) == nil)
    }

    @Test("the key is in no message, also where the service repeats it, and in no description")
    func secrecy() async throws {
        let echo =
            #"{"detail":{"status":"invalid_api_key","message":"no such key: \#(StubElevenLabs.key)!"}}"#
        for answer in [
            StubServer.Answer.json(echo, status: 401), .json(echo, status: 422), .json(echo, status: 500),
        ] {
            let error = try await StubElevenLabs.message(for: answer)
            #expect(!"\(error)".contains(StubElevenLabs.key) && "\(error)".contains("no such key: …!"))
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains(StubElevenLabs.key))
        }
        let configuration = ElevenLabsConfiguration(environment: ["ELEVENLABS_API_KEY": StubElevenLabs.key])
        var dumped = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &dumped)
        #expect(!dumped.contains(StubElevenLabs.key))
    }

    @Test("silence, a cut answer and a closed port end in time with a message", .timeLimit(.minutes(1)))
    func network() async throws {
        let silent = try await StubElevenLabs.message(for: StubServer.Answer(isSilent: true)) {
            $0.timeoutSeconds = 1
        }
        #expect(silent == .timeout(what: "ElevenLabs", seconds: 1))
        let cut = try await StubElevenLabs.message(
            for: StubServer.Answer(body: Array("{".utf8), missingByteCount: 10)
        )
        #expect("\(cut)".contains("cannot be reached"))
        let port = try LoopbackPort.free()
        let configuration = ElevenLabsConfiguration(
            environment: ["ELEVENLABS_API_KEY": StubElevenLabs.key],
            baseURL: "http://127.0.0.1:\(port)/"
        )
        let provider = ElevenLabsProvider(configuration: configuration, pronunciation: nil)
        await #expect { try await provider.voices() } throws: { "\($0)".contains("check the network") }
    }

    @Test("a list that is too long is cut off")
    func endless() async throws {
        let server = try StubServer { _ in StubServer.Answer(body: [UInt8](repeating: 32, count: 17 << 20)) }
        await #expect { try await StubElevenLabs.provider(server).voices() } throws: {
            "\($0)".contains("longer than")
        }
    }

    @Test("a cancelled task lets go of the service at once", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let (asked, continuation) = AsyncStream.makeStream(of: Void.self)
        let server = try StubServer { request in
            if request.method == "GET" { return .json(StubElevenLabs.voices) }
            continuation.yield()
            return StubServer.Answer(isSilent: true)
        }
        let voice = try #require(try await StubElevenLabs.provider(server).voice(named: "Rachel"))
        let task = Task { try await voice.speak("Hi", settings: VoiceSettings()) }
        for await _ in asked { break }
        let begin = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(begin.duration(to: .now) < .seconds(5))
    }
}

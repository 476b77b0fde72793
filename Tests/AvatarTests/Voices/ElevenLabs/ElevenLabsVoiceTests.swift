import Audio
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Avatar

/// Against a server that speaks the documented API: `GET /v1/voices`,
/// `POST /v1/text-to-speech/{voice_id}/with-timestamps`.
@Suite("Voices of ElevenLabs")
struct ElevenLabsVoiceTests {
    private static let key = "sk_0123456789abcdef"
    private static let voices = """
        {"voices": [
          {"voice_id": "21m00Tcm4TlvDq8ikWAM", "name": "Rachel", "category": "premade",
           "labels": {"accent": "american", "gender": "female", "age": null, "language": "en"},
           "verified_languages": [{"language": "en", "locale": "en-US", "model_id": "eleven_flash_v2_5"}]},
          {"voice_id": "../../evil", "name": "Evil"},
          {"voice_id": "pNInz6obpgDQGcFmaJgB", "name": null, "labels": null, "future": [1]}
        ]}
        """

    private static func configuration(_ server: StubServer) -> ElevenLabsConfiguration {
        ElevenLabsConfiguration(environment: ["ELEVENLABS_API_KEY": " \(key)\n"], baseURL: server.url)
    }

    private static func provider(
        _ server: StubServer,
        pronunciation: EspeakProvider? = nil
    ) -> ElevenLabsProvider {
        ElevenLabsProvider(configuration: configuration(server), pronunciation: pronunciation)
    }

    /// An answer with a second of samples, and each of the text's characters as long as the others.
    private static func spoken(_ text: String, seconds: Double = 1) -> StubServer.Answer {
        let samples = (0..<Int(seconds * 22_050)).flatMap { index in
            let value = Int16(8_000 * sin(Double(index) / 10))
            return [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        }
        let characters = text.map { String($0) }
        let step = seconds / Double(max(1, characters.count))
        let answer: [String: Any] = [
            "audio_base64": Data(samples).base64EncodedString(),
            "alignment": [
                "characters": characters,
                "character_start_times_seconds": characters.indices.map { Double($0) * step },
                "character_end_times_seconds": characters.indices.map { Double($0 + 1) * step },
            ],
            "normalized_alignment": NSNull(),
        ]
        let body = (try? JSONSerialization.data(withJSONObject: answer)) ?? Data()
        return StubServer.Answer(headers: ["Content-Type": "application/json"], body: Array(body))
    }

    /// What the provider says when the service answers every request for speech like this.
    private func message(
        for answer: StubServer.Answer,
        limits: (inout ElevenLabsConfiguration) -> Void = { _ in }
    ) async throws -> AvatarError {
        let server = try StubServer { $0.method == "GET" ? .json(Self.voices) : answer }
        var configuration = Self.configuration(server)
        limits(&configuration)
        let provider = ElevenLabsProvider(configuration: configuration, pronunciation: nil)
        let voice = try #require(try await provider.voice(named: "Rachel"))
        return try await #require(throws: AvatarError.self) {
            try await voice.speak("Hi", settings: VoiceSettings())
        }
    }

    @Test("the list is that of the account; what could not be put into an address is left out")
    func list() async throws {
        let server = try StubServer { _ in .json(Self.voices) }
        let voices = try await Self.provider(server).voices().map(\.description)
        #expect(voices.map(\.id) == ["elevenlabs:21m00Tcm4TlvDq8ikWAM", "elevenlabs:pNInz6obpgDQGcFmaJgB"])
        #expect(voices.map(\.name) == ["Rachel", "pNInz6obpgDQGcFmaJgB"])
        #expect(voices.map(\.language) == ["en-us", nil])
        #expect(voices.map(\.gender) == ["female", nil])
        let request = try #require(server.requests.first)
        #expect(request.method == "GET" && request.path == "/v1/voices")
        #expect(request.headers["xi-api-key"] == Self.key)
    }

    @Test("the list is asked for once an hour")
    func cache() async throws {
        let server = try StubServer { _ in .json(Self.voices) }
        let time = ClockReading(.now)
        let provider = ElevenLabsProvider(
            configuration: Self.configuration(server),
            pronunciation: nil,
            now: { time.now }
        )
        _ = try await provider.voices()
        _ = try await provider.voice(named: "Rachel")
        time.advance(seconds: 3_599)
        _ = try await provider.voices()
        #expect(server.requests.count == 1)
        time.advance(seconds: 2)
        _ = try await provider.voices()
        #expect(server.requests.count == 2)
    }

    @Test("a failure is remembered for some seconds")
    func failureCache() async throws {
        let server = try StubServer { _ in .json("{}", status: 500) }
        let time = ClockReading(.now)
        let provider = ElevenLabsProvider(
            configuration: Self.configuration(server),
            pronunciation: nil,
            now: { time.now }
        )
        for (seconds, count) in [(0.0, 1), (19, 1), (2, 2)] {
            time.advance(seconds: seconds)
            await #expect { try await provider.voices() } throws: { "\($0)".contains("status 500") }
            #expect(server.requests.count == count)
        }
    }

    @Test("a request is as documented, and its audio is taken sample by sample")
    func speak() async throws {
        let server = try StubServer { $0.method == "GET" ? .json(Self.voices) : Self.spoken("Hi there") }
        let voice = try #require(try await Self.provider(server).voice(named: "21m00Tcm4TlvDq8ikWAM"))
        let settings = VoiceSettings(stability: 0.25, similarityBoost: 0.75, speed: 2)
        let speech = try await voice.speak("Hi \"there\" \u{1F600} ", settings: settings)
        #expect(speech.audio.sampleRateHz == 22_050)
        #expect(speech.audio.samples.count == 22_050)
        #expect(abs(speech.audio.samples[10] - Float(Int16(8_000 * sin(1.0))) / 32_768) < 1e-6)
        #expect(speech.phonemes.isEmpty)
        let request = try #require(server.requests.last)
        #expect(request.method == "POST")
        #expect(
            request.path == "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/with-timestamps?output_format=pcm_22050"
        )
        #expect(request.headers["xi-api-key"] == Self.key)
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.json["text"] as? String == "Hi \"there\" \u{1F600}")
        #expect(request.json["model_id"] as? String == "eleven_flash_v2_5")
        let sent = try #require(request.json["voice_settings"] as? [String: Double])
        #expect(sent == ["stability": 0.25, "similarity_boost": 0.75, "speed": 1.2])
    }

    @Test(
        "sounds stand where their words' letters are",
        .enabled(if: InstalledEspeak.isThere, InstalledEspeak.comment)
    )
    func phonemes() async throws {
        let text = "Mama, papa"
        let server = try StubServer {
            $0.method == "GET" ? .json(Self.voices) : Self.spoken(text, seconds: 2)
        }
        let espeak = EspeakProvider(helper: InstalledEspeak.helper)
        let voice = try #require(
            try await Self.provider(server, pronunciation: espeak).voice(named: "Rachel")
        )
        let speech = try await voice.speak(text, settings: VoiceSettings())
        PhonemeExpectations.expectCovering(speech)
        // Each of the ten characters is 0.2 s: "Mama" ends at 0.8, "papa" begins at 1.2.
        #expect(speech.phonemes.map(\.symbol) == ["m", "ɑː", "m", "ɐ", "", "p", "ɑː", "p", "ə"])
        #expect(speech.phonemes.first?.startSeconds == 0)
        #expect(abs(speech.phonemes[4].startSeconds - 0.8) < 1e-9)
        #expect(abs(speech.phonemes[5].startSeconds - 1.2) < 1e-9)
        #expect(speech.phonemes.last?.endSeconds == 2)
    }

    @Test(
        "times that do not fit the text are not used: the audio is compared instead",
        .enabled(if: InstalledEspeak.isThere, InstalledEspeak.comment)
    )
    func misfit() async throws {
        let espeak = EspeakProvider(helper: InstalledEspeak.helper)
        let server = try StubServer {
            $0.method == "GET" ? .json(Self.voices) : Self.spoken("other", seconds: 2)
        }
        let voice = try #require(
            try await Self.provider(server, pronunciation: espeak).voice(named: "Rachel")
        )
        let speech = try await voice.speak("Mama papa", settings: VoiceSettings())
        PhonemeExpectations.expectCovering(speech)
        #expect(speech.phonemes.contains { $0.symbol == "m" })
    }

    @Test("speech is kept where espeak-ng cannot help with its sounds")
    func noPronunciation() async throws {
        let server = try StubServer { $0.method == "GET" ? .json(Self.voices) : Self.spoken("Hi") }
        let absent = EspeakProvider(helper: SpeechHelper(path: "/nowhere/helper"))
        let voice = try #require(
            try await Self.provider(server, pronunciation: absent).voice(named: "Rachel")
        )
        let speech = try await voice.speak("Hi", settings: VoiceSettings())
        #expect(speech.audio.samples.count == 22_050 && speech.phonemes.isEmpty)
    }

    @Test("without a key, or with one that cannot be, nothing is asked and the command is told")
    func keys() async throws {
        let server = try StubServer { _ in .json(Self.voices) }
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
            environment: ["ELEVENLABS_API_KEY": Self.key],
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
        let error = try await message(
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
        let error = try await message(for: .json(body, status: status, headers: ["Retry-After": retryAfter]))
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
        let echo = #"{"detail":{"status":"invalid_api_key","message":"no such key: \#(Self.key)!"}}"#
        for answer in [
            StubServer.Answer.json(echo, status: 401), .json(echo, status: 422), .json(echo, status: 500),
        ] {
            let error = try await message(for: answer)
            #expect(!"\(error)".contains(Self.key) && "\(error)".contains("no such key: …!"))
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains(Self.key))
        }
        let configuration = ElevenLabsConfiguration(environment: ["ELEVENLABS_API_KEY": Self.key])
        var dumped = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &dumped)
        #expect(!dumped.contains(Self.key))
    }

    @Test("silence, a cut answer and a closed port end in time with a message", .timeLimit(.minutes(1)))
    func network() async throws {
        let silent = try await message(for: StubServer.Answer(isSilent: true)) { $0.timeoutSeconds = 0.3 }
        #expect(silent == .timeout(what: "ElevenLabs", seconds: 0.3))
        let cut = try await message(for: StubServer.Answer(body: Array("{".utf8), missingByteCount: 10))
        #expect("\(cut)".contains("cannot be reached"))
        let port = try LoopbackPort.free()
        let configuration = ElevenLabsConfiguration(
            environment: ["ELEVENLABS_API_KEY": Self.key],
            baseURL: "http://127.0.0.1:\(port)/"
        )
        let provider = ElevenLabsProvider(configuration: configuration, pronunciation: nil)
        await #expect { try await provider.voices() } throws: { "\($0)".contains("check the network") }
    }

    @Test("a list that is too long is cut off")
    func endless() async throws {
        let server = try StubServer { _ in StubServer.Answer(body: [UInt8](repeating: 32, count: 17 << 20)) }
        await #expect { try await Self.provider(server).voices() } throws: { "\($0)".contains("longer than") }
    }

    @Test("a cancelled task lets go of the service at once", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let (asked, continuation) = AsyncStream.makeStream(of: Void.self)
        let server = try StubServer { request in
            if request.method == "GET" { return .json(Self.voices) }
            continuation.yield()
            return StubServer.Answer(isSilent: true)
        }
        let voice = try #require(try await Self.provider(server).voice(named: "Rachel"))
        let task = Task { try await voice.speak("Hi", settings: VoiceSettings()) }
        for await _ in asked { break }
        let begin = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(begin.duration(to: .now) < .seconds(5))
    }
}

/// A clock that a test moves.
private final class ClockReading: Sendable {
    private let reading: Mutex<ContinuousClock.Instant>
    init(_ start: ContinuousClock.Instant) { reading = Mutex(start) }
    var now: ContinuousClock.Instant { reading.withLock { $0 } }
    func advance(seconds: Double) { reading.withLock { $0 = $0 + .seconds(seconds) } }
}

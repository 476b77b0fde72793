import Audio
import Foundation
import TestSupport
import Testing

@testable import Avatar

/// Against a server of this machine.
@Suite("Voices of ElevenLabs")
struct ElevenLabsVoiceTests {
    @Test("the list is that of the account; what could not be put into an address is left out")
    func list() async throws {
        let server = try StubServer { _ in .json(StubElevenLabs.voices) }
        let voices = try await StubElevenLabs.provider(server).voices().map(\.description)
        #expect(voices.map(\.id) == ["elevenlabs:21m00Tcm4TlvDq8ikWAM", "elevenlabs:pNInz6obpgDQGcFmaJgB"])
        #expect(voices.map(\.name) == ["Rachel", "pNInz6obpgDQGcFmaJgB"])
        #expect(voices.map(\.language) == ["en-us", nil])
        #expect(voices.map(\.gender) == ["female", nil])
        let request = try #require(server.requests.first)
        #expect(request.method == "GET" && request.path == "/v1/voices")
        #expect(request.headers["xi-api-key"] == StubElevenLabs.key)
    }

    @Test("the list is asked for once an hour")
    func cache() async throws {
        let server = try StubServer { _ in .json(StubElevenLabs.voices) }
        let time = ClockReading(.now)
        let provider = ElevenLabsProvider(
            configuration: StubElevenLabs.configuration(server),
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
            configuration: StubElevenLabs.configuration(server),
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
        let server = try StubServer {
            $0.method == "GET" ? .json(StubElevenLabs.voices) : StubElevenLabs.spoken("Hi there")
        }
        let voice = try #require(
            try await StubElevenLabs.provider(server).voice(named: "21m00Tcm4TlvDq8ikWAM")
        )
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
        #expect(request.headers["xi-api-key"] == StubElevenLabs.key)
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
            $0.method == "GET" ? .json(StubElevenLabs.voices) : StubElevenLabs.spoken(text, seconds: 2)
        }
        let espeak = EspeakProvider(helper: InstalledEspeak.helper)
        let voice = try #require(
            try await StubElevenLabs.provider(server, pronunciation: espeak).voice(named: "Rachel")
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
            $0.method == "GET" ? .json(StubElevenLabs.voices) : StubElevenLabs.spoken("other", seconds: 2)
        }
        let voice = try #require(
            try await StubElevenLabs.provider(server, pronunciation: espeak).voice(named: "Rachel")
        )
        let speech = try await voice.speak("Mama papa", settings: VoiceSettings())
        PhonemeExpectations.expectCovering(speech)
        #expect(speech.phonemes.contains { $0.symbol == "m" })
    }

    @Test("speech is kept where espeak-ng cannot help with its sounds")
    func noPronunciation() async throws {
        let server = try StubServer {
            $0.method == "GET" ? .json(StubElevenLabs.voices) : StubElevenLabs.spoken("Hi")
        }
        let absent = EspeakProvider(helper: SpeechHelper(path: "/nowhere/helper"))
        let voice = try #require(
            try await StubElevenLabs.provider(server, pronunciation: absent).voice(named: "Rachel")
        )
        let speech = try await voice.speak("Hi", settings: VoiceSettings())
        #expect(speech.audio.samples.count == 22_050 && speech.phonemes.isEmpty)
    }
}

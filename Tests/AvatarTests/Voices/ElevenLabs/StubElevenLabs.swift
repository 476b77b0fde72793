import Foundation
import Testing

@testable import Avatar

/// A service that speaks the documented API: `GET /v1/voices`, `POST /v1/text-to-speech/{voice_id}/with-timestamps`.
enum StubElevenLabs {
    static let key = "sk_0123456789abcdef"
    static let voices = """
        {"voices": [
          {"voice_id": "21m00Tcm4TlvDq8ikWAM", "name": "Rachel", "category": "premade",
           "labels": {"accent": "american", "gender": "female", "age": null, "language": "en"},
           "verified_languages": [{"language": "en", "locale": "en-US", "model_id": "eleven_flash_v2_5"}]},
          {"voice_id": "../../evil", "name": "Evil"},
          {"voice_id": "pNInz6obpgDQGcFmaJgB", "name": null, "labels": null, "future": [1]}
        ]}
        """

    static func configuration(_ server: StubServer) -> ElevenLabsConfiguration {
        ElevenLabsConfiguration(environment: ["ELEVENLABS_API_KEY": " \(key)\n"], baseURL: server.url)
    }

    static func provider(
        _ server: StubServer,
        pronunciation: EspeakProvider? = nil
    ) -> ElevenLabsProvider {
        ElevenLabsProvider(configuration: configuration(server), pronunciation: pronunciation)
    }

    /// An answer with a second of samples, and each of the text's characters as long as the others.
    static func spoken(_ text: String, seconds: Double = 1) -> StubServer.Answer {
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
    static func message(
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
}

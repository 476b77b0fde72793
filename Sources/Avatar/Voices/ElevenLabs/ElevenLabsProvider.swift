struct ElevenLabsConfiguration: Sendable { init(environment: [String: String]) {} }
struct ElevenLabsProvider: VoiceProvider {
    init(configuration: ElevenLabsConfiguration, pronunciation: EspeakProvider) {}
    var name: String { "elevenlabs" }
    var displayName: String { "ElevenLabs" }
    func voices() async throws -> [any Voice] {
        throw AvatarError.voicesMissing(provider: "ElevenLabs", reason: "no key", remedy: "export")
    }
    func voice(named name: String) async throws -> (any Voice)? { nil }
}

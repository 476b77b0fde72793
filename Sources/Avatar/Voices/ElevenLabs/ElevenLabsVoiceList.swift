import Foundation

/// Asks for the voices of an account.
struct ElevenLabsVoiceList: Sendable {
    let configuration: ElevenLabsConfiguration

    /// A list is some hundred kilobytes.
    private static let answerLimit = 16 << 20

    /// All of them, in the service's order.
    ///
    /// - Throws: ``AvatarError``, `CancellationError`.
    func ask() async throws -> [VoiceDescription] {
        let key = try configuration.usableKey()
        let request = WebRequest(
            url: try configuration.url("/v1/voices"),
            headers: [("xi-api-key", key.value), ("Accept", "application/json")],
            answerLimit: Self.answerLimit,
            connectSeconds: configuration.connectSeconds,
            timeoutSeconds: configuration.timeoutSeconds
        )
        let refusal = ElevenLabsRefusal(configuration: configuration, key: key)
        let answer: WebAnswer
        do { answer = try await WebTransfer.run(request) } catch let failure as WebFailure {
            throw refusal.error(for: failure)
        }
        if let error = refusal.error(for: answer, voice: nil) { throw error }
        guard
            let read = try? ElevenLabsMessages.decoder.decode(
                ElevenLabsMessages.VoiceList.self,
                from: Data(answer.body)
            )
        else {
            throw refusal.nonsense("it is no list of voices")
        }
        return read.voices.compactMap(Self.description)
    }

    /// What the list says about a voice; nil for an identifier that could not be put into an address.
    private static func description(_ voice: ElevenLabsMessages.Voice) -> VoiceDescription? {
        guard ElevenLabsVoice.isIdentifier(voice.voiceId) else { return nil }
        let labels = (voice.labels ?? [:]).compactMapValues { $0 }
        let verified = voice.verifiedLanguages ?? []
        // The label says `en`, the list of languages in which the voice was tried also knows `en-US`.
        let own = verified.first { labels["language"] == nil || $0.language == labels["language"] }
        let language = own?.locale ?? labels["language"] ?? own?.language
        return VoiceDescription(
            id: "\(ElevenLabsProvider.prefix):\(voice.voiceId)",
            name: VisibleText.line(voice.name ?? voice.voiceId, limit: 80),
            language: language.map { VisibleText.line($0, limit: 20).lowercased() },
            gender: labels["gender"].flatMap { ["male", "female"].contains($0) ? $0 : nil },
            provider: ElevenLabsProvider.prefix
        )
    }
}

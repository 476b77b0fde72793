import Foundation

/// The voices of an ElevenLabs account, over the network.
public struct ElevenLabsProvider: VoiceProvider {
    static let prefix = "elevenlabs"
    static let title = "ElevenLabs"

    private let configuration: ElevenLabsConfiguration
    private let pronunciation: EspeakProvider?
    private let list: ElevenLabsVoiceCache

    /// - Parameters:
    ///   - configuration: key, address and time-outs.
    ///   - pronunciation: turns the times of letters into times of sounds; without it, speech has no sounds.
    ///   - now: the time, by which the list of voices ages.
    public init(
        configuration: ElevenLabsConfiguration,
        pronunciation: EspeakProvider?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.configuration = configuration
        self.pronunciation = pronunciation
        list = ElevenLabsVoiceCache(configuration: configuration, now: now)
    }

    /// `elevenlabs`.
    public var name: String { Self.prefix }
    /// `ElevenLabs`.
    public var displayName: String { Self.title }

    /// The account's voices; the list is asked for once an hour.
    ///
    /// - Returns: in the service's order.
    /// - Throws: ``AvatarError``, `CancellationError`.
    public func voices() async throws -> [any Voice] {
        let key = try configuration.usableKey()
        return try await list.voices(key).map { voice($0, key) }
    }

    /// One voice of the account.
    ///
    /// - Parameter name: the service's identifier, or the voice's name.
    /// - Returns: nil where it has none.
    /// - Throws: as ``voices()``.
    public func voice(named name: String) async throws -> (any Voice)? {
        let key = try configuration.usableKey()
        let all = try await list.voices(key)
        let found = all.first { $0.id == "\(Self.prefix):\(name)" } ?? all.first { $0.name == name }
        return found.map { voice($0, key) }
    }

    private func voice(_ description: VoiceDescription, _ key: Secret) -> ElevenLabsVoice {
        ElevenLabsVoice(
            description: description,
            key: key,
            configuration: configuration,
            pronunciation: pronunciation
        )
    }
}

/// The list of an account's voices, kept for an hour.
actor ElevenLabsVoiceCache {
    private let configuration: ElevenLabsConfiguration
    private let now: @Sendable () -> ContinuousClock.Instant
    private var list: (voices: [VoiceDescription], until: ContinuousClock.Instant)?
    private var failure: (error: AvatarError, until: ContinuousClock.Instant)?

    /// So long a failure is remembered: a page that asks again and again shall not wait for a time-out each time.
    private static let failureSeconds = 20.0

    /// A list is some hundred kilobytes.
    private static let answerLimit = 16 << 20

    init(configuration: ElevenLabsConfiguration, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.configuration = configuration
        self.now = now
    }

    func voices(_ key: Secret) async throws -> [VoiceDescription] {
        if let list, now() < list.until { return list.voices }
        if let failure, now() < failure.until { throw failure.error }
        do {
            let voices = try await ask(key)
            list = (voices, now() + .seconds(configuration.listSeconds))
            return voices
        } catch let error as AvatarError {
            failure = (error, now() + .seconds(Self.failureSeconds))
            throw error
        }
    }

    private func ask(_ key: Secret) async throws -> [VoiceDescription] {
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

/// The voices of an ElevenLabs account, over the network.
public struct ElevenLabsProvider: VoiceProvider {
    static let prefix = "elevenlabs"
    static let title = "ElevenLabs"

    private let configuration: ElevenLabsConfiguration
    private let pronunciation: EspeakProvider?
    private let list: RememberedValue<[VoiceDescription]>

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
        list = RememberedValue(lifetimeSeconds: configuration.listSeconds, now: now) {
            try await ElevenLabsVoiceList(configuration: configuration).ask()
        }
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
        return try await list.value().map { voice($0, key) }
    }

    /// One voice of the account.
    ///
    /// - Parameter name: the service's identifier, or the voice's name.
    /// - Returns: nil where it has none.
    /// - Throws: as ``voices()``.
    public func voice(named name: String) async throws -> (any Voice)? {
        let key = try configuration.usableKey()
        let all = try await list.value()
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

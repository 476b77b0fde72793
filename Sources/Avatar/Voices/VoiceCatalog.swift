/// The voices of all providers, and why some have none.
public struct VoiceCatalog: Sendable {
    /// In the order of preference: the first voice of the first one is the default.
    public let providers: [any VoiceProvider]

    /// - Parameter providers: in the order of preference.
    public init(providers: [any VoiceProvider]) { self.providers = providers }

    /// espeak-ng and ElevenLabs, as the environment says.
    ///
    /// - Parameter environment: the process's own, with `VOXSITE_SPEECH_HELPER` and `ELEVENLABS_API_KEY`.
    /// - Returns: a catalog of both, whether they can be used or not.
    public static func standard(environment: [String: String]) -> VoiceCatalog {
        let espeak = EspeakProvider(helper: SpeechHelper.find(environment: environment))
        let elevenLabs = ElevenLabsProvider(
            configuration: ElevenLabsConfiguration(environment: environment),
            pronunciation: espeak
        )
        return VoiceCatalog(providers: [espeak, elevenLabs])
    }

    /// What a provider has to offer.
    public struct Offer: Sendable {
        /// The provider's name: `espeak`.
        public let provider: String
        /// For people: `espeak-ng`.
        public let displayName: String
        /// Its voices, best first; empty where it cannot be used.
        public let voices: [VoiceDescription]
        /// Why it cannot be used, and what to do; nil where it can.
        public let problem: String?
    }

    /// What all providers have to offer; a provider that fails hides no other.
    ///
    /// - Returns: one offer for each provider, in their order.
    /// - Throws: `CancellationError`.
    public func offers() async throws -> [Offer] {
        var offers: [Offer] = []
        for provider in providers {
            var voices: [VoiceDescription] = []
            var problem: String?
            do { voices = try await provider.voices().map(\.description) } catch {
                try Task.checkCancellation()
                problem = "\(error)"
            }
            offers.append(
                Offer(
                    provider: provider.name,
                    displayName: provider.displayName,
                    voices: voices,
                    problem: problem
                )
            )
        }
        return offers
    }

    /// Finds a voice.
    ///
    /// - Parameter id: `espeak:en-us+f3`, or the part behind the colon alone; the best voice unless given.
    /// - Returns: the voice.
    /// - Throws: ``AvatarError/unknownVoice(_:reason:)``, and what a provider says that cannot be used.
    public func voice(_ id: String? = nil) async throws -> any Voice {
        guard let id else { return try await defaultVoice() }
        if let colon = id.firstIndex(of: ":") {
            let name = id[..<colon]
            guard let provider = providers.first(where: { $0.name == name }) else {
                let known = providers.map(\.name).joined(separator: ", ")
                throw AvatarError.unknownVoice(id, reason: "no such provider; there are \(known)")
            }
            if let voice = try await provider.voice(named: String(id[id.index(after: colon)...])) {
                return voice
            }
            throw AvatarError.unknownVoice(id, reason: "\(provider.displayName) has no such voice")
        }
        var reasons: [String] = []
        for provider in providers {
            do {
                if let voice = try await provider.voice(named: id) { return voice }
                reasons.append("\(provider.displayName) has none of that name")
            } catch {
                try Task.checkCancellation()
                // The voice may well be one of those that could not be asked for.
                reasons.append("\(error)")
            }
        }
        let reason = reasons.isEmpty ? "there is no voice at all" : reasons.joined(separator: "; ")
        throw AvatarError.unknownVoice(id, reason: reason)
    }

    private func defaultVoice() async throws -> any Voice {
        var failure: (any Error)?
        for provider in providers {
            do {
                if let voice = try await provider.voices().first { return voice }
            } catch {
                try Task.checkCancellation()
                failure = failure ?? error
            }
        }
        throw failure ?? AvatarError.unknownVoice("", reason: "there is no voice at all")
    }
}

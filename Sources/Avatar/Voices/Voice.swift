/// Somebody who speaks text.
public protocol Voice: Sendable {
    /// What is known of it before it speaks.
    var description: VoiceDescription { get }

    /// Speaks text.
    ///
    /// - Parameters:
    ///   - text: what to say; checked by the voice with ``SpokenText``.
    ///   - settings: how to say it; what a voice cannot do is left out.
    /// - Returns: the audio, with its sounds where they are known.
    /// - Throws: ``AvatarError``, `CancellationError`.
    func speak(_ text: String, settings: VoiceSettings) async throws -> Speech
}

extension Voice {
    /// What it is chosen by: `espeak:en-us+f3`, `elevenlabs:21m00Tcm4TlvDq8ikWAM`.
    public var id: String { description.id }
}

/// What is known of a voice before it speaks.
public struct VoiceDescription: Sendable, Hashable, Codable, Identifiable {
    /// What it is chosen by: the provider's name, a colon, and the name that the provider uses.
    public var id: String
    /// For people: `English (America), female 3`.
    public var name: String
    /// As in BCP 47, lower case: `en-us`; nil for a voice of any language.
    public var language: String?
    /// `male`, `female`; nil where unknown.
    public var gender: String?
    /// The provider's name: `espeak`, `elevenlabs`.
    public var provider: String

    /// - Parameters:
    ///   - id: what it is chosen by.
    ///   - name: for people.
    ///   - language: as in BCP 47, lower case.
    ///   - gender: `male`, `female`.
    ///   - provider: the provider's name.
    public init(id: String, name: String, language: String?, gender: String?, provider: String) {
        self.id = id
        self.name = name
        self.language = language
        self.gender = gender
        self.provider = provider
    }
}

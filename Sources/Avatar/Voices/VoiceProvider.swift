/// Where voices come from.
public protocol VoiceProvider: Sendable {
    /// What its voices' identifiers begin with: `espeak`.
    var name: String { get }
    /// For people: `espeak-ng`.
    var displayName: String { get }

    /// All its voices, best first.
    ///
    /// - Returns: at least one.
    /// - Throws: ``AvatarError`` where it cannot be used: ``AvatarError/voicesMissing(provider:reason:remedy:)`` where
    ///   something has to be installed or set.
    func voices() async throws -> [any Voice]

    /// One voice, also one that ``voices()`` leaves out of its list.
    ///
    /// - Parameter name: the identifier without the provider's name.
    /// - Returns: nil where it has none of that name.
    /// - Throws: as ``voices()``.
    func voice(named name: String) async throws -> (any Voice)?
}

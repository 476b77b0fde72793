import Foundation

/// How ElevenLabs is reached.
public struct ElevenLabsConfiguration: Sendable {
    /// The environment variable with the key of the account.
    public static let keyVariable = "ELEVENLABS_API_KEY"
    /// The model that answers fastest: its first byte takes some 75 ms.
    public static let standardModel = "eleven_flash_v2_5"
    /// The service itself.
    public static let standardBaseURL = "https://api.elevenlabs.io"

    /// Where the API is: HTTPS, or HTTP to this machine.
    public var baseURL: String
    /// Which model speaks.
    public var model = standardModel
    /// How long it may take to reach the service.
    public var connectSeconds = 10.0
    /// How long one text may take.
    public var timeoutSeconds = 60.0
    /// How long the list of voices is believed.
    public var listSeconds = 3_600.0
    let key: Secret?

    /// - Parameters:
    ///   - environment: with `ELEVENLABS_API_KEY`, perhaps; white space around it is left out.
    ///   - baseURL: where the API is.
    public init(environment: [String: String], baseURL: String = standardBaseURL) {
        let key = (environment[Self.keyVariable] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        self.key = key.isEmpty ? nil : Secret(value: key)
        self.baseURL = baseURL
    }

    /// The key, if it can be one.
    ///
    /// - Throws: ``AvatarError/voicesMissing(provider:reason:remedy:)``.
    func usableKey() throws(AvatarError) -> Secret {
        let remedy = "export \(Self.keyVariable)=…  # from https://elevenlabs.io/app/settings/api-keys"
        func missing(_ reason: String) -> AvatarError {
            .voicesMissing(provider: ElevenLabsProvider.title, reason: reason, remedy: remedy)
        }
        guard let key else { throw missing("\(Self.keyVariable) is not set") }
        guard key.value.utf8.count <= 512, key.value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw missing("what \(Self.keyVariable) holds cannot be a key: it has spaces or odd characters")
        }
        return key
    }

    /// The address of a call.
    ///
    /// - Parameter path: below the base, with its slash.
    /// - Returns: the whole of it.
    /// - Throws: ``AvatarError/speechService(name:reason:remedy:)`` where the key would go over an open line.
    func url(_ path: String) throws(AvatarError) -> String {
        let parts = URLComponents(string: baseURL)
        let isLocal = ["127.0.0.1", "[::1]", "::1", "localhost"].contains(parts?.host ?? "")
        guard let parts, let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil,
            parts.scheme == "https" || (parts.scheme == "http" && isLocal)
        else {
            throw .speechService(
                name: ElevenLabsProvider.title,
                reason: "the address of its API is not one of https",
                remedy: "use \(Self.standardBaseURL)"
            )
        }
        return (baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL) + path
    }
}

/// The voices of espeak-ng: a hundred languages, no network, and the moment of every sound.
public struct EspeakProvider: VoiceProvider {
    static let prefix = "espeak"
    static let title = "espeak-ng"

    private let process: SpeechHelperProcess?
    private let list: RememberedValue<EspeakVoiceList>?

    /// - Parameters:
    ///   - helper: the program that speaks; nil where it is not installed.
    ///   - timeoutSeconds: how long it may take for one text.
    ///   - now: the time, by which a failure to list the voices ages.
    public init(
        helper: SpeechHelper?,
        timeoutSeconds: Double = 120,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        process = helper.map { SpeechHelperProcess(helper: $0, timeoutSeconds: timeoutSeconds) }
        list = process.map { process in
            RememberedValue(now: now) { try await Self.list(of: process) }
        }
    }

    /// `espeak`.
    public var name: String { Self.prefix }
    /// `espeak-ng`.
    public var displayName: String { Self.title }

    /// All languages, and of English the variants that sound best.
    ///
    /// - Returns: American English first.
    /// - Throws: ``AvatarError/voicesMissing(provider:reason:remedy:)``,
    ///   ``AvatarError/speechHelper(path:reason:remedy:)``, ``AvatarError/timeout(what:seconds:)``.
    public func voices() async throws -> [any Voice] {
        let (process, list) = try await installed()
        return list.listed.map { voice($0, process) }
    }

    /// Any language, and any with any variant.
    ///
    /// - Parameter name: `en-us`, `de+f3`.
    /// - Returns: nil where the language or the variant is not installed.
    /// - Throws: as ``voices()``.
    public func voice(named name: String) async throws -> (any Voice)? {
        let (process, list) = try await installed()
        return list.description(of: name).map { voice($0, process) }
    }

    /// Speaks text as it is pronounced in a language, for others who know only its letters.
    ///
    /// - Parameters:
    ///   - text: what is said.
    ///   - language: as in BCP 47; where it is not installed, its first part, and then English.
    /// - Returns: the speech and its words.
    /// - Throws: as ``Voice/speak(_:settings:)``.
    func pronounce(_ text: String, language: String?) async throws -> SpeechRendering {
        let (process, list) = try await installed()
        let wanted = (language ?? "en-us").lowercased()
        let candidates = [wanted, String(wanted.prefix { $0 != "-" && $0 != "_" }), "en-us", "en-gb"]
        guard let found = candidates.lazy.compactMap({ list.speaker(of: $0) }).first else {
            throw AvatarError.unknownVoice(
                "\(Self.prefix):\(wanted)",
                reason: "the language is not installed"
            )
        }
        return try await voice(found, process).render(text, settings: VoiceSettings())
    }

    private func voice(_ description: VoiceDescription, _ process: SpeechHelperProcess) -> EspeakVoice {
        let key = String(description.id.dropFirst(Self.prefix.count + 1))
        return EspeakVoice(description: description, key: key, process: process)
    }

    private func installed() async throws -> (SpeechHelperProcess, EspeakVoiceList) {
        guard let process, let list else {
            throw AvatarError.voicesMissing(
                provider: Self.title,
                reason: "its helper \(SpeechHelper.programName) is neither beside voxsite nor in libexec",
                remedy: "make install"
            )
        }
        return (process, try await list.value())
    }

    private static func list(of process: SpeechHelperProcess) async throws -> EspeakVoiceList {
        let list = EspeakVoiceList(try await process.voiceList())
        guard !list.languages.isEmpty else {
            throw AvatarError.voicesMissing(
                provider: title,
                reason: "its list of voices is empty",
                remedy: SpeechHelper.remedy
            )
        }
        return list
    }
}

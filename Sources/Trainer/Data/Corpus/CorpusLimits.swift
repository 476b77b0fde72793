/// What is taken into a corpus.
public struct CorpusLimits: Sendable {
    /// The rate that the front end takes.
    public static let sampleRateHz = 16_000
    /// Of fewer samples the front end makes no frame.
    public static let minimumSampleCount = 400

    /// No recording is longer.
    public var maximumSeconds: Double
    /// No text has more tokens.
    public var maximumTokenCount: Int
    /// How many tokens a normalised text has; nil to take texts of any length.
    public var tokenCount: (@Sendable (String) -> Int)?

    /// - Parameters:
    ///   - maximumSeconds: no recording is longer.
    ///   - maximumTokenCount: no text has more tokens.
    ///   - tokenCount: how many tokens a normalised text has; nil to take texts of any length.
    public init(
        maximumSeconds: Double = 30,
        maximumTokenCount: Int = 256,
        tokenCount: (@Sendable (String) -> Int)? = nil
    ) {
        self.maximumSeconds = maximumSeconds
        self.maximumTokenCount = maximumTokenCount
        self.tokenCount = tokenCount
    }

    /// The limits of a configuration.
    ///
    /// - Parameters:
    ///   - settings: the section `data`.
    ///   - tokenCount: how many tokens a normalised text has.
    public init(_ settings: DataSettings, tokenCount: (@Sendable (String) -> Int)?) {
        self.init(
            maximumSeconds: settings.maximumSeconds,
            maximumTokenCount: settings.maximumTokenCount,
            tokenCount: tokenCount
        )
    }

    /// Why a recording of this length is left out; nil where it is not.
    func reason(seconds: Double) -> (SkipReason, String)? {
        let samples = seconds * Double(Self.sampleRateHz)
        if !(samples >= Double(Self.minimumSampleCount)) {
            return (.tooShort, "\(Self.text(seconds)) s; at least 0.025 s are needed")
        }
        if seconds > maximumSeconds {
            return (
                .tooLong, "\(Self.text(seconds)) s; data.max_audio_len allows \(Self.text(maximumSeconds)) s"
            )
        }
        return nil
    }

    /// Seconds to the millisecond, without zeros at the end.
    private static func text(_ seconds: Double) -> String { "\((seconds * 1000).rounded() / 1000)" }

    /// Why a text is left out; nil where it is not.
    func reason(text: String) -> (SkipReason, String)? {
        if text.isEmpty { return (.emptyText, "nothing is said in it") }
        guard let count = tokenCount?(text), count > maximumTokenCount else { return nil }
        return (.textTooLong, "\(count) tokens; data.max_text_len allows \(maximumTokenCount)")
    }
}

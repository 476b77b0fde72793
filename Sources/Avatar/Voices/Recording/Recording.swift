public import Audio

/// Speech from sound that somebody recorded.
public struct Recording: Sendable {
    /// The sound, one channel, at its own rate.
    public let audio: AudioSignal

    /// No recording is longer than this: an hour.
    public static let longestSeconds = 3_600
    /// What is recorded at more is converted to this.
    private static let highestRateHz = 48_000

    /// Reads a sound file.
    ///
    /// - Parameter path: of a file that libsndfile decodes.
    /// - Throws: ``AvatarError/recording(_:)``: missing, empty, no sound file, damaged, too long.
    public init(path: String) throws(AvatarError) {
        do {
            let rate = min(try AudioFile.information(path).sampleRateHz, Self.highestRateHz)
            let limit = Self.longestSeconds * rate
            audio = try AudioFile.read(path, sampleRateHz: rate, limitSampleCount: limit)
        } catch { throw .recording(error) }
    }

    /// Reads a sound file in memory, as it is uploaded.
    ///
    /// - Parameters:
    ///   - bytes: all of it.
    ///   - name: what messages call it.
    /// - Throws: ``AvatarError/recording(_:)``.
    public init(bytes: [UInt8], name: String) throws(AvatarError) {
        do {
            let rate = min(
                try AudioFile.information(bytes: bytes, name: name).sampleRateHz,
                Self.highestRateHz
            )
            let limit = Self.longestSeconds * rate
            audio = try AudioFile.read(bytes: bytes, name: name, sampleRateHz: rate, limitSampleCount: limit)
        } catch { throw .recording(error) }
    }

    /// The speech without its sounds, which the engine then guesses from the signal.
    public var speech: Speech { Speech(audio: audio, phonemes: []) }

    /// The speech with the sounds of its text, found by comparing it with espeak-ng saying the same.
    ///
    /// - Parameters:
    ///   - text: what is said, word for word.
    ///   - language: as in BCP 47; American English unless given.
    ///   - pronunciation: says the text for comparison.
    /// - Returns: the same audio, and its sounds.
    /// - Throws: ``AvatarError``: espeak-ng is missing, or the text cannot be spoken; `CancellationError`.
    public func speech(
        saying text: String,
        language: String? = nil,
        pronunciation: EspeakProvider
    ) async throws -> Speech {
        let reference = try await pronunciation.pronounce(text, language: language)
        let phonemes = try await PhonemeAlignment.align(reference.speech, to: audio)
        return Speech(audio: audio, phonemes: phonemes)
    }
}

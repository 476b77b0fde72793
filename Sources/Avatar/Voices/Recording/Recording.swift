import Audio

/// Sound that somebody recorded, in its file until it is needed.
public struct Recording: Sendable {
    private enum Source: Sendable {
        case file(String)
        case memory([UInt8], name: String)
    }

    private let source: Source
    /// Samples per second, its own or less.
    public let sampleRateHz: Int
    /// How many samples it has at that rate.
    let sampleCount: Int

    /// No recording is longer than this: an hour.
    public static let longestSeconds = 3_600
    /// What is recorded at more is converted to this.
    private static let highestRateHz = 48_000

    /// Looks through a sound file: all of it can be read.
    ///
    /// - Parameter path: of a file that libsndfile decodes.
    /// - Throws: ``AvatarError/recording(_:)``: missing, empty, no sound file, damaged, too long;
    ///   `CancellationError`.
    public init(path: String) throws { try self.init(.file(path)) }

    /// Looks through a sound file in memory, as it is uploaded.
    ///
    /// - Parameters:
    ///   - bytes: all of it.
    ///   - name: what messages call it.
    /// - Throws: ``AvatarError/recording(_:)``, `CancellationError`.
    public init(bytes: [UInt8], name: String) throws { try self.init(.memory(bytes, name: name)) }

    private init(_ source: Source) throws {
        self.source = source
        do {
            let decoder = try Self.decoder(source)
            let (name, rate) = (
                decoder.source, min(decoder.information.sampleRateHz, Self.highestRateHz)
            )
            let stream = try AudioStream(decoder, sampleRateHz: rate)
            let byteCount = stream.byteCount
            var blocks = SoundBlocks(stream)
            var count = 0
            while let block = try blocks.next() {
                count += block.count
                guard count <= Self.longestSeconds * rate else {
                    throw AudioError.tooLong(source: name, limitSampleCount: Self.longestSeconds * rate)
                }
            }
            guard count > 0 else { throw AudioError.empty(source: name, byteCount: byteCount) }
            sampleRateHz = rate
            sampleCount = count
        } catch let error as AudioError {
            throw AvatarError.recording(error)
        }
    }

    /// Its sound, one channel.
    ///
    /// - Throws: ``AvatarError/recording(_:)``: it can be read no longer.
    func blocks() throws(AvatarError) -> SoundBlocks {
        do {
            return SoundBlocks(try AudioStream(try Self.decoder(source), sampleRateHz: sampleRateHz))
        } catch {
            throw .recording(error)
        }
    }

    /// The sounds of its text, found by comparing it with espeak-ng saying the same.
    ///
    /// - Parameters:
    ///   - text: what is said, word for word.
    ///   - language: as in BCP 47; American English unless given.
    ///   - pronunciation: says the text for comparison.
    /// - Returns: sounds that cover the recording.
    /// - Throws: ``AvatarError``: espeak-ng is missing, or the text cannot be spoken; `CancellationError`.
    public func phonemes(
        of text: String,
        language: String? = nil,
        pronunciation: EspeakProvider
    ) async throws -> [TimedPhoneme] {
        let reference = try await pronunciation.pronounce(text, language: language)
        do {
            let audio = try blocks().collected(rateHz: PhonemeAlignment.rateHz)
            return try await PhonemeAlignment.align(reference.speech, to: audio)
        } catch let error as AudioError {
            throw AvatarError.recording(error)
        }
    }

    private static func decoder(_ source: Source) throws(AudioError) -> AudioDecoder {
        switch source {
        case .file(let path): try AudioDecoder(path: path)
        case .memory(let bytes, let name): try AudioDecoder(bytes: bytes, name: name)
        }
    }
}

/// Whole sound files, and parts of them, as one value.
///
/// FLAC, WAV of every width, AIFF, AU, CAF, W64, RF64, NIST SPHERE, Ogg Vorbis and Opus, and MP3 where the
/// installed libsndfile has it. Safe to call from any number of threads at once; the call blocks while it reads
/// and decodes.
public enum AudioFile {
    /// What a file says about itself, without decoding it.
    ///
    /// - Parameter path: any path; symbolic links are followed, pipes and devices refused.
    /// - Returns: its properties.
    /// - Throws: ``AudioError``: missing, empty, no sound file, damaged header, or beyond ``AudioLimits``.
    public static func information(_ path: String) throws(AudioError) -> AudioInformation {
        let decoder = try AudioDecoder(path: path)
        return decoder.information
    }

    /// What bytes in memory say about themselves, without decoding them.
    ///
    /// - Parameters:
    ///   - bytes: a whole sound file.
    ///   - name: what messages call it.
    /// - Returns: their properties.
    /// - Throws: ``AudioError``: empty, no sound file, damaged header, or beyond ``AudioLimits``.
    public static func information(
        bytes: [UInt8],
        name: String
    ) throws(AudioError) -> AudioInformation {
        let decoder = try AudioDecoder(bytes: bytes, name: name)
        return decoder.information
    }

    /// The sound of a file: the mean of its channels, within -1...1.
    ///
    /// - Parameters:
    ///   - path: any path; symbolic links are followed, pipes and devices refused.
    ///   - sampleRateHz: the rate wanted; the file's own unless given.
    ///   - frames: a part, in frames of the file at its own rate; all unless given. Another rate than the
    ///     file's is computed as if silence lay around the part.
    ///   - limitSampleCount: more samples than this are refused.
    ///   - allowsTruncation: whether a file that ends too early is taken as it is.
    /// - Returns: at least one sample, unless `frames` is empty or shorter than a sample of the new rate.
    /// - Throws: ``AudioError``: missing, empty, no sound file, damaged, truncated, too long, or `frames` beyond
    ///   its end.
    public static func read(
        _ path: String,
        sampleRateHz: Int? = nil,
        frames: Range<Int>? = nil,
        limitSampleCount: Int = AudioLimits.standardSampleCount,
        allowsTruncation: Bool = false
    ) throws(AudioError) -> AudioSignal {
        let decoder = try AudioDecoder(path: path, allowsTruncation: allowsTruncation)
        return try read(decoder, sampleRateHz, frames, limitSampleCount)
    }

    /// The sound in bytes in memory: the mean of its channels, within -1...1.
    ///
    /// - Parameters:
    ///   - bytes: a whole sound file.
    ///   - name: what messages call it.
    ///   - sampleRateHz: the rate wanted; the file's own unless given.
    ///   - frames: a part, in frames of the file at its own rate; all unless given.
    ///   - limitSampleCount: more samples than this are refused.
    ///   - allowsTruncation: whether bytes that end too early are taken as they are.
    /// - Returns: at least one sample, unless `frames` is empty or shorter than a sample of the new rate.
    /// - Throws: ``AudioError``: empty, no sound file, damaged, truncated, too long, or `frames` beyond its end.
    public static func read(
        bytes: [UInt8],
        name: String,
        sampleRateHz: Int? = nil,
        frames: Range<Int>? = nil,
        limitSampleCount: Int = AudioLimits.standardSampleCount,
        allowsTruncation: Bool = false
    ) throws(AudioError) -> AudioSignal {
        let decoder = try AudioDecoder(bytes: bytes, name: name, allowsTruncation: allowsTruncation)
        return try read(decoder, sampleRateHz, frames, limitSampleCount)
    }

    private static func read(
        _ decoder: consuming AudioDecoder,
        _ sampleRateHz: Int?,
        _ frames: Range<Int>?,
        _ limitSampleCount: Int
    ) throws(AudioError) -> AudioSignal {
        let source = decoder.source
        let information = decoder.information
        if let frames { try check(frames, of: information, source: source) }
        if let first = frames?.lowerBound, first > 0 { try decoder.seek(toFrame: first) }
        var stream = try AudioStream(decoder, sampleRateHz: sampleRateHz)
        var samples: [Float] = []
        samples.reserveCapacity(
            capacity(information, frames, rateHz: stream.sampleRateHz, limitSampleCount: limitSampleCount)
        )
        var left = frames?.count ?? .max
        var consumed = 0
        while left > 0, let decoded = try stream.decode(min(left, AudioDecoder.standardBlockFrameCount)) {
            left -= decoded.count
            consumed += decoded.count
            samples += try stream.convert(decoded)
            guard samples.count <= limitSampleCount else {
                throw .tooLong(source: source, limitSampleCount: limitSampleCount)
            }
        }
        samples += try stream.convert(nil)
        guard samples.count <= limitSampleCount else {
            throw .tooLong(source: source, limitSampleCount: limitSampleCount)
        }
        if let frames, left > 0 {
            throw .outOfRange(source: source, frames: frames, frameCount: frames.lowerBound + consumed)
        }
        if frames == nil, consumed == 0 {
            throw .empty(source: source, byteCount: stream.byteCount)
        }
        return AudioSignal(samples: samples, sampleRateHz: stream.sampleRateHz)
    }

    /// Refuses a part that the header already rules out.
    private static func check(
        _ frames: Range<Int>,
        of information: AudioInformation,
        source: String
    ) throws(AudioError) {
        let end = information.isFrameCountEstimated ? nil : information.frameCount
        guard frames.lowerBound >= 0, frames.upperBound <= end ?? .max else {
            throw .outOfRange(source: source, frames: frames, frameCount: end ?? 0)
        }
    }

    /// How much memory to reserve: what is claimed, but never more than a few minutes on a claim alone.
    private static func capacity(
        _ information: AudioInformation,
        _ frames: Range<Int>?,
        rateHz: Int,
        limitSampleCount: Int
    ) -> Int {
        let claimed = min(frames?.count ?? information.frameCount ?? 0, 1 << 24)
        let converted = Resampler.outputCount(
            inputCount: claimed,
            inputRateHz: information.sampleRateHz,
            outputRateHz: rateHz
        )
        return max(0, min(converted, 1 << 24, limitSampleCount))
    }
}

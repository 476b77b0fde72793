/// A sound file as mono blocks at a rate of the caller's choice, in memory that does not grow with the file.
///
/// Any thread may use a stream, one at a time, which `mutating` sees to.
public struct AudioStream: ~Copyable, Sendable {
    /// What the file says about itself.
    public let information: AudioInformation
    /// The rate of the blocks.
    public let sampleRateHz: Int
    private var decoder: AudioDecoder
    private var resampler: Resampler?
    private var isAtEnd = false

    /// Continues a decoder from where it stands.
    ///
    /// - Parameters:
    ///   - decoder: the file.
    ///   - sampleRateHz: the rate of the blocks; the file's own unless given.
    /// - Throws: ``AudioError/resampling(inputRateHz:outputRateHz:reason:)``.
    public init(_ decoder: consuming AudioDecoder, sampleRateHz: Int? = nil) throws(AudioError) {
        information = decoder.information
        let fileRateHz = information.sampleRateHz
        self.sampleRateHz = sampleRateHz ?? fileRateHz
        resampler =
            self.sampleRateHz == fileRateHz
            ? nil : try Resampler(inputRateHz: fileRateHz, outputRateHz: self.sampleRateHz)
        self.decoder = decoder
    }

    /// Opens a file on disk.
    ///
    /// - Parameters:
    ///   - path: any path; symbolic links are followed, pipes and devices refused.
    ///   - sampleRateHz: the rate of the blocks; the file's own unless given.
    ///   - allowsTruncation: whether a file that ends too early is taken as it is.
    /// - Throws: ``AudioError``: as ``AudioDecoder/init(path:allowsTruncation:)``, or rates that do not convert.
    public init(
        path: String,
        sampleRateHz: Int? = nil,
        allowsTruncation: Bool = false
    ) throws(AudioError) {
        try self.init(
            AudioDecoder(path: path, allowsTruncation: allowsTruncation),
            sampleRateHz: sampleRateHz
        )
    }

    /// The next samples.
    ///
    /// - Parameter frameCount: how many frames of the file go into it, 1 or more.
    /// - Returns: the samples, in -1...1, never none; nil at the end.
    /// - Throws: ``AudioError``: as ``AudioDecoder/nextBlock(frameCount:)``.
    public mutating func nextBlock(
        frameCount: Int = AudioDecoder.standardBlockFrameCount
    ) throws(AudioError) -> [Float]? {
        while !isAtEnd {
            let block = try nextConverted(frameCount: frameCount)
            if !block.isEmpty { return block }
        }
        return nil
    }

    /// One block through both; empty while the filter fills, and sets the end.
    private mutating func nextConverted(frameCount: Int) throws(AudioError) -> [Float] {
        let decoded = try decode(frameCount)
        isAtEnd = decoded == nil
        return try convert(decoded)
    }

    /// The next frames at the file's own rate; nil at the end.
    mutating func decode(_ frameCount: Int) throws(AudioError) -> [Float]? {
        try decoder.nextBlock(frameCount: frameCount)
    }

    /// Puts decoded frames through the converter; nil ends it.
    mutating func convert(_ block: [Float]?) throws(AudioError) -> [Float] {
        guard resampler != nil else { return block ?? [] }
        let converted: [Float]?
        if let block {
            converted = try resampler?.process(block)
        } else {
            converted = try resampler?.finish()
        }
        // The filter may overshoot what was within full scale.
        return (converted ?? []).map { min(max($0, -1), 1) }
    }

    /// The length of the encoded file.
    public var byteCount: Int { decoder.byteCount }
}

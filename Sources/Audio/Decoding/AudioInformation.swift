/// What a sound file says about itself, known without decoding it.
public struct AudioInformation: Equatable, Sendable {
    /// The file format.
    public let container: AudioContainer
    /// How the samples are written.
    public let coding: SampleCoding
    /// Frames per second, within ``AudioLimits/sampleRatesHz``.
    public let sampleRateHz: Int
    /// Samples per frame, within ``AudioLimits/channelCounts``.
    public let channelCount: Int
    /// The frames that the header claims, whether or not they are there; nil where it claims nothing.
    ///
    /// A frame is one sample of every channel. Streams written to a pipe claim nothing, and Ogg files only what
    /// their last page says, so a cut Ogg file is a shorter one.
    public let frameCount: Int?
    /// Whether ``frameCount`` is a guess from the file's size: MPEG without a Xing header.
    public let isFrameCountEstimated: Bool

    /// How long the sound is, as far as the header claims; nil where it does not.
    public var durationSeconds: Double? {
        frameCount.map { Double($0) / Double(sampleRateHz) }
    }
}

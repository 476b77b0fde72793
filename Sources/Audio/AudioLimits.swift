/// What is taken for sound at all; anything beyond is a broken or a hostile header.
public enum AudioLimits {
    /// Rates that are read, written and converted, from old telephones to eight times the rate of a studio.
    public static let sampleRatesHz = 1_000...768_000
    /// Channels that are mixed: up to ambisonics of the seventh order.
    public static let channelCounts = 1...64
    /// How many samples a whole-file read returns unless told otherwise: 4.6 hours at 16 kHz, 1 GiB.
    ///
    /// Needed because compressed silence is nearly free: 10 MB of FLAC can hold a hundred gigabytes of it.
    public static let standardSampleCount = 1 << 28
}

/// The mel bands that Wav2Lip was trained on, and SadTalker after it: 80 bands of 55 to 7600 Hz, every 12.5 ms.
///
/// The signal is pre-emphasised (`y[n] = x[n] - 0.97 x[n - 1]`); the magnitudes' bands in decibels, less 20,
/// go from -100...0 to -4...4.
///
/// Source: Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild", ACM
/// Multimedia 2020, and the audio parameters published with it.
public enum TalkingHeadMel {
    /// The sample rate that signals must have.
    public static let sampleRateHz = 16_000
    /// Samples from one frame to the next: 80 frames a second.
    public static let hopSize = 200
    /// Bands per frame.
    public static let bandCount = 80

    private static let bands = MelSpectrogram(
        sampleRateHz: sampleRateHz,
        transform: ShortTimeTransform(fftSize: 800, hopSize: hopSize, padding: .zeros),
        bandCount: bandCount,
        frequenciesHz: 55...7_600,
        spectrum: .magnitude
    )

    /// The bands of a signal.
    ///
    /// - Parameter signal: at ``sampleRateHz``.
    /// - Returns: shape `[1 + samples / 200, 80]`, within -4...4; no frame for an empty signal.
    public static func values(_ signal: AudioSignal) -> FrameMatrix {
        var emphasised = signal
        for index in signal.samples.indices.dropFirst() {
            emphasised.samples[index] = signal.samples[index] - 0.97 * signal.samples[index - 1]
        }
        var matrix = bands.decibels(emphasised, rangeDecibels: nil)
        for index in matrix.values.indices {
            let level = matrix.values[index] - 20
            matrix.values[index] = min(max(8 * (level + 100) / 100 - 4, -4), 4)
        }
        return matrix
    }
}

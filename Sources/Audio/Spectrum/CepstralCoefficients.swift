/// Mel-frequency cepstral coefficients: the shape of the spectrum in a few numbers, for comparing sounds.
///
/// `librosa.feature.mfcc`: the cosine transform of the mel bands in decibels.
///
/// Source: Davis and Mermelstein, "Comparison of Parametric Representations for Monosyllabic Word Recognition",
/// IEEE Transactions on Acoustics, Speech, and Signal Processing 28(4), 1980.
public struct CepstralCoefficients: Equatable, Sendable {
    /// The bands that are transformed.
    public let bands: MelSpectrogram
    /// The transform.
    public let transform: CosineTransform

    /// Puts bands and transform together.
    ///
    /// - Parameters:
    ///   - count: how many coefficients, from 1 to the number of bands; the first is the loudness.
    ///   - bands: the mel bands.
    public init(count: Int = 13, bands: MelSpectrogram = .speech) {
        self.bands = bands
        transform = CosineTransform(inputCount: bands.filters.bandCount, outputCount: count)
    }

    /// The coefficients of a signal.
    ///
    /// - Parameter signal: at the sample rate of ``bands``.
    /// - Returns: shape `[frames, count]`.
    public func coefficients(_ signal: AudioSignal) -> FrameMatrix {
        transform.transformed(bands.decibels(signal))
    }
}

/// Mel bands of a signal over time.
public struct MelSpectrogram: Equatable, Sendable {
    /// What the bands sum.
    public enum Spectrum: Equatable, Sendable {
        /// Squares of the magnitudes: what speech recognition and librosa use.
        case power
        /// Magnitudes: what many vocoders and talking heads use.
        case magnitude
    }

    /// The sample rate that signals must have.
    public let sampleRateHz: Int
    /// The frames.
    public let transform: ShortTimeTransform
    /// The bands.
    public let filters: MelFilterBank
    /// What the bands sum.
    public let spectrum: Spectrum

    /// Puts frames and bands together.
    ///
    /// - Parameters:
    ///   - sampleRateHz: of the signals, at least 1.
    ///   - transform: the frames.
    ///   - bandCount: how many bands, at least 1.
    ///   - frequenciesHz: their range; up to half the sample rate unless given.
    ///   - scale: what equal width means.
    ///   - normalization: how high the triangles are.
    ///   - spectrum: what the bands sum.
    public init(
        sampleRateHz: Int,
        transform: ShortTimeTransform,
        bandCount: Int,
        frequenciesHz: ClosedRange<Double>? = nil,
        scale: MelScale = .slaney,
        normalization: MelFilterBank.Normalization = .area,
        spectrum: Spectrum = .power
    ) {
        self.sampleRateHz = sampleRateHz
        self.transform = transform
        self.spectrum = spectrum
        filters = MelFilterBank(
            sampleRateHz: sampleRateHz,
            fftSize: transform.fftSize,
            bandCount: bandCount,
            frequenciesHz: frequenciesHz,
            scale: scale,
            normalization: normalization
        )
    }

    /// Windows of 25 ms every 10 ms and 80 bands, the custom of speech recognition, for signals of 16 kHz.
    public static let speech = MelSpectrogram(
        sampleRateHz: 16_000,
        transform: ShortTimeTransform(fftSize: 400, hopSize: 160),
        bandCount: 80
    )

    /// The bands' sums.
    ///
    /// - Parameter signal: at ``sampleRateHz``.
    /// - Returns: shape `[frames, bands]`.
    public func bands(_ signal: AudioSignal) -> FrameMatrix {
        precondition(signal.sampleRateHz == sampleRateHz, "the bands are for \(sampleRateHz) Hz")
        switch spectrum {
        case .power: return filters.bands(of: transform.power(signal.samples))
        case .magnitude: return filters.bands(of: transform.magnitudes(signal.samples))
        }
    }

    /// The bands' sums in decibels: ``Decibels`` with reference 1.
    ///
    /// - Parameters:
    ///   - signal: at ``sampleRateHz``.
    ///   - rangeDecibels: values this far below the loudest are lifted to there; all stay as they are for nil.
    /// - Returns: shape `[frames, bands]`.
    public func decibels(_ signal: AudioSignal, rangeDecibels: Float? = 80) -> FrameMatrix {
        switch spectrum {
        case .power: Decibels.ofPower(bands(signal), rangeDecibels: rangeDecibels)
        case .magnitude: Decibels.ofMagnitude(bands(signal), rangeDecibels: rangeDecibels)
        }
    }
}

import Glibc

/// Frequencies as they are heard: equal steps in mel sound equally far apart.
public enum MelScale: Equatable, Sendable {
    /// Linear up to 1 kHz and logarithmic above, as librosa has by default.
    ///
    /// Source: Slaney, "Auditory Toolbox", Technical Report 1998-010, Interval Research.
    case slaney
    /// `2595 log10(1 + f / 700)`.
    ///
    /// Source: Young et al., "The HTK Book", 3.4, section 5.4.
    case htk

    private static let slaneyHertzPerMel = 200.0 / 3
    private static let slaneyBreakHertz = 1_000.0
    /// 27 steps from 1 kHz to 6.4 kHz.
    private static let slaneyLogStep = log(6.4) / 27

    /// Hertz in mel.
    ///
    /// - Parameter hertz: 0 or more.
    /// - Returns: the place on the scale.
    public func mel(hertz: Double) -> Double {
        switch self {
        case .htk: return 2_595 * log10(1 + hertz / 700)
        case .slaney:
            guard hertz >= Self.slaneyBreakHertz else { return hertz / Self.slaneyHertzPerMel }
            return Self.slaneyBreakHertz / Self.slaneyHertzPerMel
                + log(hertz / Self.slaneyBreakHertz) / Self.slaneyLogStep
        }
    }

    /// Mel in hertz.
    ///
    /// - Parameter mel: 0 or more.
    /// - Returns: the frequency.
    public func hertz(mel: Double) -> Double {
        switch self {
        case .htk: return 700 * (pow(10, mel / 2_595) - 1)
        case .slaney:
            let breakMel = Self.slaneyBreakHertz / Self.slaneyHertzPerMel
            guard mel >= breakMel else { return mel * Self.slaneyHertzPerMel }
            return Self.slaneyBreakHertz * exp(Self.slaneyLogStep * (mel - breakMel))
        }
    }
}

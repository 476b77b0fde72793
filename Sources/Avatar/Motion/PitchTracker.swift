import Glibc

/// Finds the pitch of a voice by normalised autocorrelation, at 4 kHz, between 66 and 400 Hz.
struct PitchTracker {
    private static let factor = 4
    private static let lags = 10...60
    /// A multiple of the vectors' length; with the longest lag it fits into the window.
    private static let span = 136
    private var previous: Float?

    /// The pitch in a window of 800 samples at 16 kHz.
    ///
    /// - Returns: semitones above 55 Hz; nil without voice. A leap of an octave is put back.
    mutating func semitones(of window: ArraySlice<Float>) -> Float? {
        var samples = [Float](repeating: 0, count: window.count / Self.factor)
        for index in samples.indices {
            let start = window.startIndex + index * Self.factor
            samples[index] = window[start] + window[start + 1] + window[start + 2] + window[start + 3]
        }
        let mean = samples.reduce(0, +) / Float(samples.count)
        for index in samples.indices { samples[index] -= mean }
        let energy = samples[0..<Self.span].reduce(0) { $0 + $1 * $1 }
        guard energy > 0.02 else {
            previous = nil
            return nil
        }
        let correlations = Self.correlations(of: samples)
        guard let best = correlations.max(), best > 0.5 else {
            previous = nil
            return nil
        }
        // The first lag that is nearly as good: later ones are multiples of the period.
        let index = correlations.firstIndex { $0 > 0.9 * best } ?? 0
        var peak = index
        while peak + 1 < correlations.count, correlations[peak + 1] > correlations[peak] { peak += 1 }
        let frequency = 4_000 / Float(Self.lags.lowerBound + peak)
        var pitch = 12 * log2(frequency / 55)
        if let previous, abs(pitch - previous) > 8 {
            for candidate in [pitch - 12, pitch + 12] where abs(candidate - previous) < abs(pitch - previous)
            {
                pitch = candidate
            }
        }
        previous = pitch
        return pitch
    }

    /// Normalised autocorrelations at all lags.
    private static func correlations(of samples: [Float]) -> [Float] {
        samples.withUnsafeBytes { bytes in
            func vector(_ index: Int) -> SIMD8<Float> {
                bytes.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
            }
            var head = SIMD8<Float>.zero
            for index in stride(from: 0, to: span, by: 8) { head += vector(index) * vector(index) }
            return lags.map { lag in
                var product = SIMD8<Float>.zero
                var energy = SIMD8<Float>.zero
                for index in stride(from: 0, to: span, by: 8) {
                    let later = vector(index + lag)
                    product += vector(index) * later
                    energy += later * later
                }
                return product.sum() / ((head.sum() * energy.sum()).squareRoot() + 1e-9)
            }
        }
    }
}

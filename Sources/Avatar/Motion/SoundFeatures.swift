import Glibc

/// What 25 ms of sound tell about the mouth that made it, without knowing the words.
struct SoundFeatures: Sendable {
    /// The first resonance of the mouth: low when it is shut, high when it is open.
    var firstFormantHz: Float
    /// The second one: high for spread lips and front vowels, low for round lips.
    var secondFormantHz: Float
    /// How much it hisses, 0 to 1, from the rate of zero crossings.
    var sibilance: Float

    /// Finds them by linear prediction.
    ///
    /// Source: Makhoul, "Linear prediction: a tutorial review", 1975; order 16 at 16 kHz.
    struct Extractor {
        private static let order = 16
        private static let gridHz: [Float] = (0..<64).map { 180 + 45 * Float($0) }
        private let window: [Float]
        private let cosines: [[Float]]
        private let sines: [[Float]]

        init() {
            window = (0..<400).map { 0.54 - 0.46 * cos(2 * .pi * Float($0) / 399) }
            let rate = Float(AnalysisWindows.sampleRateHz)
            func table(_ wave: (Float) -> Float) -> [[Float]] {
                Self.gridHz.map { hertz in
                    (0...Self.order).map { wave(2 * .pi * hertz / rate * Float($0)) }
                }
            }
            cosines = table { cos($0) }
            sines = table { sin($0) }
        }

        /// Describes 25 ms.
        ///
        /// - Parameter samples: 400 of them at 16 kHz.
        /// - Returns: usual values where there is nothing to hear.
        mutating func features(of samples: ArraySlice<Float>) -> SoundFeatures {
            let base = samples.startIndex
            var crossings = 0
            var emphasized = [Float](repeating: 0, count: 400)
            for index in 1..<400 {
                let value = samples[base + index]
                let before = samples[base + index - 1]
                if (value < 0) != (before < 0) { crossings += 1 }
                emphasized[index] = (value - 0.97 * before) * window[index]
            }
            let sibilance = min(max((Float(crossings) / 400 - 0.22) / 0.2, 0), 1)
            guard let coefficients = Self.predictor(of: emphasized) else {
                return SoundFeatures(firstFormantHz: 450, secondFormantHz: 1_450, sibilance: sibilance)
            }
            let peaks = peakFrequencies(of: coefficients)
            let first = peaks.first { (200...1_000).contains($0) } ?? 450
            let second = peaks.first { $0 > max(first + 200, 700) } ?? 1_450
            return SoundFeatures(firstFormantHz: first, secondFormantHz: second, sibilance: sibilance)
        }

        /// Levinson and Durbin's recursion; nil for silence.
        private static func predictor(of samples: [Float]) -> [Float]? {
            var correlation = [Float](repeating: 0, count: order + 1)
            samples.withUnsafeBufferPointer { samples in
                for lag in 0...order {
                    var sum: Float = 0
                    for index in lag..<samples.count { sum += samples[index] * samples[index - lag] }
                    correlation[lag] = sum
                }
            }
            guard correlation[0] > 1e-6 else { return nil }
            correlation[0] *= 1.0001
            var coefficients = [Float](repeating: 0, count: order + 1)
            coefficients[0] = 1
            var error = correlation[0]
            for step in 1...order {
                var sum = correlation[step]
                for index in 1..<step { sum += coefficients[index] * correlation[step - index] }
                let reflection = -sum / error
                let old = coefficients
                for index in 1..<step { coefficients[index] = old[index] + reflection * old[step - index] }
                coefficients[step] = reflection
                error *= 1 - reflection * reflection
                guard error > 0 else { return nil }
            }
            return coefficients
        }

        /// Where the resonance curve `1 / |A|²` has its tops, from low to high.
        private func peakFrequencies(of coefficients: [Float]) -> [Float] {
            var inverse = [Float](repeating: 0, count: Self.gridHz.count)
            for point in inverse.indices {
                var real: Float = 0
                var imaginary: Float = 0
                for (index, coefficient) in coefficients.enumerated() {
                    real += coefficient * cosines[point][index]
                    imaginary += coefficient * sines[point][index]
                }
                inverse[point] = real * real + imaginary * imaginary
            }
            return (1..<inverse.count - 1)
                .filter { inverse[$0] < inverse[$0 - 1] && inverse[$0] <= inverse[$0 + 1] }
                .map { Self.gridHz[$0] }
        }
    }
}

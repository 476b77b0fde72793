import TestSupport
import Testing

@testable import Audio

/// Frames are librosa's.
@Suite struct ShortTimeTransformTests {
    @Test(arguments: [ShortTimeTransform.Padding.zeros, .reflection, .none])
    func spectraAgreeWithLibrosa(padding: ShortTimeTransform.Padding) throws {
        let golden = try SpectrumGolden.read()
        let expected: [Float]
        switch padding {
        case .zeros: expected = golden.stft_zeros
        case .reflection: expected = golden.stft_reflection
        case .none: expected = golden.stft_none
        }
        let transform = ShortTimeTransform(fftSize: 64, hopSize: 20, windowSize: 48, padding: padding)
        let samples = Array(golden.signal.samples[..<210])

        let spectra = transform.spectra(samples)

        #expect(spectra.frameCount == (padding == .none ? 8 : 11))
        #expect(spectra.featureCount == 66)
        #expect(largestDifference(spectra.values, expected) < 1e-5)
        let power = transform.power(samples)
        let magnitudes = transform.magnitudes(samples)
        for frame in 0..<power.frameCount {
            for bin in 0..<transform.binCount {
                let (real, imaginary) = (spectra[frame, 2 * bin], spectra[frame, 2 * bin + 1])
                #expect(abs(power[frame, bin] - (real * real + imaginary * imaginary)) < 1e-5)
                #expect(abs(magnitudes[frame, bin] * magnitudes[frame, bin] - power[frame, bin]) < 1e-5)
            }
        }
    }

    @Test func theWindowIsPeriodic() throws {
        let golden = try SpectrumGolden.read()
        #expect(largestDifference(Window.hann.weights(count: 48), golden.hann48) < 1e-6)
        let rectangular = ShortTimeTransform(fftSize: 8, hopSize: 1, windowSize: 5, window: .rectangular)
        #expect(rectangular.window == [0, 1, 1, 1, 1, 1, 0, 0])
    }

    @Test func frameCountsFollowTheRule() {
        var random = SeededRandom.fresh()
        for padding in [ShortTimeTransform.Padding.zeros, .reflection, .none] {
            for _ in 0..<40 {
                let size = 2 * Int.random(in: 1...40, using: &random)
                let hop = Int.random(in: 1...50, using: &random)
                let count = Int.random(in: 0...200, using: &random)
                let transform = ShortTimeTransform(fftSize: size, hopSize: hop, padding: padding)
                let power = transform.power([Float](repeating: 1, count: count))
                #expect(power.frameCount == transform.frameCount(sampleCount: count), "\(random)")
                #expect(power.values.count == power.frameCount * (size / 2 + 1), "\(random)")
                if padding == .none {
                    let starts = stride(from: 0, through: count - size, by: hop).map { $0 }
                    #expect(power.frameCount == starts.count, "\(random)")
                } else {
                    #expect(power.frameCount == (count == 0 ? 0 : count / hop + 1), "\(random)")
                }
            }
        }
    }

    /// `numpy.pad(mode="reflect")` goes on mirroring where the signal is shorter than the padding.
    @Test func aShortSignalIsMirroredAgainAndAgain() {
        let transform = ShortTimeTransform(
            fftSize: 16,
            hopSize: 100,
            window: .rectangular,
            padding: .reflection
        )
        let mirrored: [Float] = [1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2]
        let whole = ShortTimeTransform(fftSize: 16, hopSize: 100, window: .rectangular, padding: .none)
        #expect(largestDifference(transform.power([1, 2, 3]).values, whole.power(mirrored).values) < 1e-4)
        let constant = transform.power([1])
        #expect(abs(constant[0, 0] - 256) < 1e-3)
    }
}

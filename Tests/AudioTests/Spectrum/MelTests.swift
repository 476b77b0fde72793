import Foundation
import TestSupport
import Testing

@testable import Audio

/// Bands, coefficients and the networks' inputs are what the libraries that trained with them compute.
@Suite struct MelTests {
    @Test func scalesAgreeWithLibrosa() throws {
        let golden = try SpectrumGolden.read()
        for (index, hertz) in golden.hertz.enumerated() {
            #expect(abs(MelScale.slaney.mel(hertz: hertz) - golden.hertz_slaney[index]) < 1e-4)
            #expect(abs(MelScale.htk.mel(hertz: hertz) - golden.hertz_htk[index]) < 1e-3)
            for scale in [MelScale.slaney, .htk] {
                #expect(abs(scale.hertz(mel: scale.mel(hertz: hertz)) - hertz) < 1e-6)
            }
        }
    }

    @Test func filtersAgreeWithLibrosa() throws {
        for expected in try SpectrumGolden.read().mel {
            let bank = MelFilterBank(
                sampleRateHz: 8_000,
                fftSize: 128,
                bandCount: 10,
                frequenciesHz: 80...3_600,
                scale: expected.htk ? .htk : .slaney,
                normalization: expected.area ? .area : .peak
            )
            #expect(bank.bandCount == 10 && bank.binCount == 65)
            #expect(largestDifference(bank.weights, expected.weights) < 1e-6)
        }
    }

    @Test func bandsAreTheProductWithTheFilters() {
        var random = SeededRandom.fresh()
        let bank = MelFilterBank(sampleRateHz: 16_000, fftSize: 400, bandCount: 80)
        let values = (0..<3 * 201).map { _ in Float.random(in: 0...1, using: &random) }
        let bands = bank.bands(of: FrameMatrix(values: values, frameCount: 3, featureCount: 201))
        let weights = bank.weights
        for frame in 0..<3 {
            for band in 0..<80 {
                let sum = (0..<201).reduce(0.0) {
                    $0 + Double(values[frame * 201 + $1]) * Double(weights[band * 201 + $1])
                }
                #expect(abs(Double(bands[frame, band]) - sum) < 1e-5, "\(random)")
            }
        }
    }

    @Test func logMelAndCoefficientsAgreeWithLibrosa() throws {
        let golden = try SpectrumGolden.read()
        let decibels = MelSpectrogram.speech.decibels(golden.signal)
        #expect(decibels.frameCount == 11 && decibels.featureCount == 80)
        #expect(largestDifference(decibels.values, golden.speech_decibels) < 2e-3)
        let coefficients = CepstralCoefficients(count: 13).coefficients(golden.signal)
        #expect(coefficients.frameCount == 11 && coefficients.featureCount == 13)
        #expect(largestDifference(coefficients.values, golden.speech_mfcc) < 5e-3)
    }

    @Test func theCosineTransformAgreesWithSciPy() throws {
        let golden = try SpectrumGolden.read()
        let input = FrameMatrix(values: golden.dct_input, frameCount: 1, featureCount: 12)
        let all = CosineTransform(inputCount: 12, outputCount: 12).transformed(input)
        #expect(largestDifference(all.values, golden.dct_output) < 1e-6)
        let some = CosineTransform(inputCount: 12, outputCount: 5).transformed(input)
        #expect(some.values == Array(all.values[..<5]))
    }

    @Test func theTalkingHeadsBandsAgreeWithTheSumWrittenOut() throws {
        let golden = try SpectrumGolden.read()
        let values = TalkingHeadMel.values(golden.signal)
        #expect(values.frameCount == 9 && values.featureCount == 80)
        #expect(largestDifference(values.values, golden.talking_head) < 1e-3)
        let silence = TalkingHeadMel.values(
            AudioSignal(samples: [Float](repeating: 0, count: 640), sampleRateHz: 16_000)
        )
        #expect(silence.frameCount == 4 && silence.values.allSatisfy { $0 == -4 })
        #expect(TalkingHeadMel.values(AudioSignal(samples: [], sampleRateHz: 16_000)).values.isEmpty)
    }

    @Test func decibelsHaveAFloorAndARange() {
        let matrix = FrameMatrix(values: [1, 0.1, 1e-7, 0], frameCount: 2, featureCount: 2)
        let limited = Decibels.ofPower(matrix).values
        #expect(largestDifference(limited, [0, -10, -70, -80]) < 1e-4)
        let free = Decibels.ofPower(matrix, rangeDecibels: nil).values
        #expect(largestDifference(free, [0, -10, -70, -100]) < 1e-4)
        let magnitudes = Decibels.ofMagnitude(matrix, reference: 10, rangeDecibels: nil).values
        #expect(largestDifference(magnitudes, [-20, -40, -120, -120]) < 1e-4)
    }

    @Test func matricesTurnAndStandardise() {
        let matrix = FrameMatrix(values: [1, 5, 3, 5, 5, 5], frameCount: 3, featureCount: 2)
        #expect(matrix.transposed == [1, 3, 5, 5, 5, 5])
        #expect(Array(matrix[1]) == [3, 5])
        let standard = matrix.standardized
        let step = Float(1.5).squareRoot()
        #expect(largestDifference(standard.values, [-step, 0, 0, 0, step, 0]) < 1e-6)
    }
}

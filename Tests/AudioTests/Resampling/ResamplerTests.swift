import Foundation
import TestSupport
import Testing

@testable import Audio

/// A converted sound is the same sound.
@Suite struct ResamplerTests {
    private static let pairs = [
        (44_100, 16_000), (48_000, 16_000), (8_000, 16_000), (22_050, 16_000), (24_000, 16_000),
        (16_000, 44_100),
        (11_025, 16_000), (96_000, 16_000), (16_000, 22_050), (16_000, 8_000), (44_056, 16_000),
    ]

    @Test(arguments: pairs)
    func aToneKeepsItsFrequencyAmplitudeAndTime(input: Int, output: Int) throws {
        for hertz in [60.0, 1_000, 0.42 * Double(min(input, output))] {
            let tone = TestSounds.tone(
                hertz: hertz,
                rateHz: input,
                count: input * 2,
                amplitude: 0.8,
                phase: 0.7
            )
            let converted = try AudioSignal(samples: tone, sampleRateHz: input).resampled(toRateHz: output)
            // The middle second, projected on the tone that should be there.
            let middle = output / 2..<output * 3 / 2
            var (cosine, sine, energy) = (0.0, 0.0, 0.0)
            for index in middle {
                let angle = 2 * .pi * hertz * Double(index) / Double(output) + 0.7
                let sample = Double(converted.samples[index])
                cosine += sample * cos(angle)
                sine += sample * sin(angle)
                energy += sample * sample
            }
            let amplitude = 2 * sine / Double(middle.count)
            let decibels = 20 * log10(amplitude / 0.8)
            #expect(abs(decibels) < 0.1, "\(hertz) Hz from \(input) to \(output)")
            // No delay: nothing is left in quadrature, and nothing at other frequencies.
            #expect(abs(cosine / sine) < 0.01, "\(hertz) Hz from \(input) to \(output)")
            let rest = energy - (sine * sine + cosine * cosine) * 2 / Double(middle.count)
            #expect(rest / energy < 1e-6, "\(hertz) Hz from \(input) to \(output)")
        }
    }

    @Test func whatDoesNotFitIsRemoved() throws {
        let tone = TestSounds.tone(hertz: 10_000, rateHz: 44_100, count: 88_200)
        let converted = try AudioSignal(samples: tone, sampleRateHz: 44_100).resampled(toRateHz: 16_000)
        let loudest = converted.samples[4_000..<28_000].map { abs($0) }.max() ?? 1
        #expect(loudest < 1e-5)
    }

    @Test(arguments: pairs)
    func silenceStaysSilence(input: Int, output: Int) throws {
        let silence = AudioSignal(samples: [Float](repeating: 0, count: 30_000), sampleRateHz: input)
        #expect(try silence.resampled(toRateHz: output).samples.allSatisfy { $0 == 0 })
    }

    @Test(arguments: pairs)
    func blocksGiveWhatTheWholeGives(input: Int, output: Int) throws {
        var random = SeededRandom.fresh()
        let samples = (0..<50_000).map { _ in Float.random(in: -1...1, using: &random) }
        let whole = try AudioSignal(samples: samples, sampleRateHz: input).resampled(toRateHz: output).samples

        var resampler = try Resampler(inputRateHz: input, outputRateHz: output)
        var joined: [Float] = []
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + Int.random(in: 0...4_000, using: &random))
            joined += try resampler.process(Array(samples[start..<end]))
            start = end
        }
        joined += try resampler.finish()

        #expect(joined == whole, "\(random)")
    }

    @Test func lengthsFollowTheRule() throws {
        var random = SeededRandom.fresh()
        for (input, output) in Self.pairs {
            for count in [0, 1, 2, 3, 7, 440, 441]
                + (0..<4).map({ _ in Int.random(in: 0...70_000, using: &random) })
            {
                let samples = [Float](repeating: 0.25, count: count)
                let converted = try AudioSignal(samples: samples, sampleRateHz: input).resampled(
                    toRateHz: output
                )
                let exact = (Double(count) * Double(output) / Double(input)).rounded(.toNearestOrAwayFromZero)
                #expect(
                    converted.samples.count == Int(exact),
                    "\(count) from \(input) to \(output), \(random)"
                )
            }
        }
        // Half a sample rounds up; and no product overflows.
        #expect(Resampler.outputCount(inputCount: 1, inputRateHz: 16_000, outputRateHz: 8_000) == 1)
        #expect(
            Resampler.outputCount(inputCount: 1 << 44, inputRateHz: 768_000, outputRateHz: 384_000) == 1 << 43
        )
    }

    @Test func theSameRateIsTheSameSignal() throws {
        let signal = AudioSignal(samples: [0.1, -0.2, 0.3], sampleRateHz: 16_000)
        #expect(try signal.resampled(toRateHz: 16_000) == signal)
    }

    @Test(arguments: [(0, 16_000), (16_000, 999), (16_000, 768_001), (-1, 16_000)])
    func ratesBeyondTheLimitsAreRefused(input: Int, output: Int) {
        #expect(throws: AudioError.self) {
            _ = try Resampler(inputRateHz: input, outputRateHz: output).inputRateHz
        }
    }

    @Test(arguments: [(1_000, 768_000), (768_000, 1_000)])
    func theExtremesConvert(input: Int, output: Int) throws {
        let signal = AudioSignal(samples: [Float](repeating: 0.5, count: input), sampleRateHz: input)
        let converted = try signal.resampled(toRateHz: output).samples
        #expect(converted.count == output)
        #expect(abs(converted[output / 2] - 0.5) < 0.001)
    }
}

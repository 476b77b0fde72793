import Audio
import Glibc
import Testing

@testable import Avatar

@Suite struct SignalAnalysisTests {
    private static func tone(_ hertz: Float, seconds: Double, rate: Int, level: Float = 0.5) -> [Float] {
        (0..<Int(seconds * Double(rate))).map { level * sin(2 * .pi * hertz * Float($0) / Float(rate)) }
    }

    @Test(arguments: [90, 130, 220, 330] as [Float])
    func `pitch is found`(_ hertz: Float) throws {
        // A voice has harmonics; one alone would be no test.
        let rate = 22_050
        let samples = zip(
            Self.tone(hertz, seconds: 0.5, rate: rate),
            Self.tone(hertz * 2, seconds: 0.5, rate: rate, level: 0.3)
        ).map { $0 + $1 }
        let analysis = try SignalAnalysis(
            SoundBlocks(AudioSignal(samples: samples, sampleRateHz: rate)),
            includesSounds: false
        )
        let found = analysis.pitchSemitones[10..<40].compactMap { $0 }
        #expect(found.count == 30)
        // At 4 kHz a lag of one sample is up to 1.4 semitones.
        #expect(found.allSatisfy { abs($0 - 12 * log2(hertz / 55)) < 1 })
    }

    @Test func `speech begins and ends where the sound does`() throws {
        let rate = 16_000
        let pause = [Float](repeating: 0, count: rate / 2)
        let samples = pause + Self.tone(140, seconds: 0.5, rate: rate) + pause
        let analysis = try SignalAnalysis(
            SoundBlocks(AudioSignal(samples: samples, sampleRateHz: rate)),
            includesSounds: false
        )
        let phrases = analysis.phrases()
        #expect(phrases.count == 1)
        #expect(abs((phrases.first?.lowerBound ?? 0) - 0.5) < 0.03)
        #expect(abs((phrases.first?.upperBound ?? 0) - 1.0) < 0.08)
        #expect(analysis.loudness.max() ?? 0 > 0.95)
    }

    @Test func `a low formant is a closed mouth, a high one an open mouth`() throws {
        // Two resonances excited by pulses at 120 Hz: F1, F2 of i and of ɑ after Peterson and Barney 1952.
        func vowel(_ formants: [Float]) throws -> HeardMouth {
            let rate: Float = 16_000
            var signal = (0..<8_000).map { $0 % 133 == 0 ? Float(1) : 0 }
            for formant in formants {
                let radius = exp(-Float.pi * 80 / rate)
                let turn = 2 * radius * cos(2 * .pi * formant / rate)
                var (before, older): (Float, Float) = (0, 0)
                signal = signal.map { sample in
                    let value = sample + turn * before - radius * radius * older
                    (older, before) = (before, value)
                    return value
                }
            }
            let peak = signal.map(abs).max() ?? 1
            let audio = AudioSignal(samples: signal.map { $0 / peak * 0.8 }, sampleRateHz: 16_000)
            return HeardMouth(try SignalAnalysis(SoundBlocks(audio), includesSounds: true))
        }
        let closed = try vowel([270, 2_290]).shape(atSeconds: 0.25)
        let open = try vowel([730, 1_090]).shape(atSeconds: 0.25)
        #expect(open.opening > closed.opening + 0.25)
        #expect(closed.width > 0.15)
    }

    @Test func `an empty sound and one of a single sample are silence`() throws {
        for count in [0, 1] {
            let audio = AudioSignal(samples: [Float](repeating: 0.5, count: count), sampleRateHz: 16_000)
            let analysis = try SignalAnalysis(SoundBlocks(audio), includesSounds: true)
            #expect(analysis.rms.count == 1)
        }
    }
}

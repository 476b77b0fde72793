import Audio
import Foundation
import TestSupport
import Testing

@testable import Avatar

@Suite("Where somebody speaks")
struct SpeechActivityTests {
    /// A tone from one moment to another, in noise.
    private func signal(
        _ tones: [ClosedRange<Double>],
        seconds: Double,
        noise: Float,
        rateHz: Int = 16_000
    ) -> AudioSignal {
        var random = SeededRandom(seed: 3)
        let samples = (0..<Int(seconds * Double(rateHz))).map { index -> Float in
            let time = Double(index) / Double(rateHz)
            let tone = tones.contains { $0.contains(time) } ? 0.3 * Float(sin(2 * .pi * 200 * time)) : 0
            return tone + Float.random(in: -noise...noise, using: &random)
        }
        return AudioSignal(samples: samples, sampleRateHz: rateHz)
    }

    @Test(
        "speech is where it is loud, with and without noise, at any rate",
        arguments: [8_000, 16_000, 44_100]
    )
    func spans(rateHz: Int) throws {
        for noise: Float in [0.00001, 0.01] {
            let activity = SpeechActivity(
                signal([0.5...1, 1.4...1.8], seconds: 2.5, noise: noise, rateHz: rateHz)
            )
            let span = try #require(activity.spanSeconds)
            #expect(abs(span.lowerBound - 0.5) < 0.03 && abs(span.upperBound - 1.8) < 0.03)
            #expect(activity.isSpeech[75] && !activity.isSpeech[120] && activity.isSpeech[160])
            #expect(activity.loudness[75] > 0.8 && activity.loudness[120] == 0)
        }
    }

    @Test("the closure of a plosive is no pause, a click no speech")
    func shortRuns() {
        let closure = SpeechActivity(signal([0.5...1, 1.1...1.5], seconds: 2, noise: 0.0001))
        #expect(closure.isSpeech[50..<150].allSatisfy { $0 })
        let click = SpeechActivity(signal([0.5...1, 1.8...1.805], seconds: 2.2, noise: 0.0001))
        #expect(!click.isSpeech[180])
    }

    @Test("silence, nothing and one sample are no speech")
    func nothing() {
        #expect(SpeechActivity(AudioSignal(samples: [], sampleRateHz: 8_000)).spanSeconds == nil)
        let zeros = AudioSignal(samples: [Float](repeating: 0, count: 9_999), sampleRateHz: 8_000)
        #expect(SpeechActivity(zeros).spanSeconds == nil)
        #expect(SpeechActivity(zeros).loudness.allSatisfy { $0 == 0 })
        #expect(SpeechActivity(AudioSignal(samples: [0.5], sampleRateHz: 8_000)).isSpeech.count == 1)
    }

    @Test("speech without a pause is speech throughout")
    func uninterrupted() {
        let activity = SpeechActivity(signal([0...2], seconds: 2, noise: 0.0001))
        #expect(activity.isSpeech.allSatisfy { $0 })
    }
}

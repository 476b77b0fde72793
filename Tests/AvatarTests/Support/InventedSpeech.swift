import Audio
import Avatar
import Glibc
import TestSupport

/// Nonsense that sounds a little like speech, for properties that must hold whatever is said.
enum InventedSpeech {
    private static let vowels = ["a", "ɑː", "i", "u", "oʊ", "aɪ", "ɛ", "ə", "ɔ"]
    private static let consonants = ["m", "b", "p", "f", "v", "s", "t", "k", "l", "θ", "ʃ", "ɹ", "w", "n"]

    /// Syllables at two to eight sounds a second, with pauses, for a duration.
    static func speech(seconds: Double, using random: inout SeededRandom) -> Speech {
        let rate = 8_000
        var samples = [Float](repeating: 0, count: Int((seconds * Double(rate)).rounded()))
        var phonemes: [TimedPhoneme] = []
        var time = 0.0
        var isVowel = false
        while time < seconds {
            let length = Double.random(in: 0.045...0.22, using: &random)
            let end = min(time + length, seconds)
            let isPause = Double.random(in: 0...1, using: &random) < 0.06
            isVowel.toggle()
            let symbol = isPause ? "" : (isVowel ? vowels : consonants).randomElement(using: &random) ?? "a"
            phonemes.append(
                TimedPhoneme(symbol: symbol, startSeconds: time, endSeconds: end, isStressed: isVowel)
            )
            let level: Float = isPause ? 0 : isVowel ? 0.5 : 0.12
            for index in Int(time * Double(rate))..<min(Int(end * Double(rate)), samples.count) {
                samples[index] = level * sin(2 * .pi * 130 * Float(index) / Float(rate))
            }
            time = end
        }
        return Speech(audio: AudioSignal(samples: samples, sampleRateHz: rate), phonemes: phonemes)
    }

    /// A sound of one level.
    static func silence(seconds: Double, rate: Int = 16_000) -> Speech {
        let count = Int((seconds * Double(rate)).rounded())
        return Speech(
            audio: AudioSignal(samples: [Float](repeating: 0, count: count), sampleRateHz: rate),
            phonemes: []
        )
    }
}

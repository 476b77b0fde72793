import Audio
import Foundation
import TestSupport
import Testing

@testable import Avatar

/// espeak-ng tells when its sounds begin, for every voice: what the alignment finds can be held against it.
@Suite("Sounds of known text in audio", .enabled(if: InstalledEspeak.isThere, InstalledEspeak.comment))
struct PhonemeAlignmentTests {
    private let provider = EspeakProvider(helper: InstalledEspeak.helper)
    private static let text = """
        The quick brown fox jumps over the lazy dog. Papa may buy five apples, but Mama wants a big blue vase; \
        why should they wait?
        """

    private func speak(_ text: String, _ voice: String, speed: Double = 1) async throws -> Speech {
        let voice = try #require(try await provider.voice(named: voice))
        return try await voice.speak(text, settings: VoiceSettings(speed: speed))
    }

    /// By how much the beginnings of the sounds are off, in seconds, in order of size.
    private func errors(_ found: [TimedPhoneme], _ truth: [TimedPhoneme]) throws -> [Double] {
        let (one, other) = (found.filter { !$0.symbol.isEmpty }, truth.filter { !$0.symbol.isEmpty })
        try #require(one.map(\.symbol) == other.map(\.symbol))
        return zip(one, other).map { abs($0.startSeconds - $1.startSeconds) }.sorted()
    }

    private func mean(_ errors: [Double]) -> Double { errors.reduce(0, +) / Double(errors.count) }

    @Test(
        "the sounds of another voice are found within 15 ms on average",
        arguments: [
            ("en-us+f3", 1.0), ("en-us+m3", 1.3), ("en-us+f2", 0.8), ("en-us+klatt2", 1),
            ("en-us+whisper", 1),
        ]
    )
    func otherVoices(voice: String, speed: Double) async throws {
        let reference = try await speak(Self.text, "en-us")
        let target = try await speak(Self.text, voice, speed: speed)
        let found = try await PhonemeAlignment.align(reference, to: target.audio)
        let errors = try errors(found, target.phonemes)
        #expect(mean(errors) < 0.015)
        #expect(errors[errors.count * 9 / 10] < 0.04)
    }

    /// Another synthesiser, made of recordings of three people.
    ///
    /// The truth is its own word on when its sounds end: `flite -psdur`. Compared are the sounds that close the lips, which both pronounce alike, and which are seen most.
    @Test(
        "closures of the lips are found in the speech of another synthesiser within 50 ms on average",
        arguments: ["slt", "awb", "kal"]
    )
    func otherSynthesiser(name: String) async throws {
        let folder = Products.packageDirectory.appending(path: "Tests/AvatarTests/Fixtures")
        let recording = try Recording(path: folder.appending(path: "flite-\(name).ogg").path)
        let listing = try String(contentsOf: folder.appending(path: "flite-\(name).txt"), encoding: .utf8)
        var start = 0.0
        var truth: [(symbol: String, startSeconds: Double)] = []
        for field in listing.split(whereSeparator: \.isWhitespace) {
            let parts = field.split(separator: ":")
            truth.append((String(parts[0]), start))
            start = try #require(Double(parts[1]))
        }
        let labials: Set = ["m", "b", "p", "f", "v"]
        truth = truth.filter { labials.contains($0.symbol) }
        let phonemes = try await recording.phonemes(of: Self.text, pronunciation: provider)
        let found = phonemes.filter { labials.contains($0.symbol) }
        try #require(found.map(\.symbol) == truth.map(\.symbol))
        let errors = zip(found, truth).map { abs($0.startSeconds - $1.startSeconds) }.sorted()
        #expect(mean(errors) < 0.05)
    }

    @Test("noise, silence around the speech, another rate and a quiet recording do not lead astray")
    func roughRecordings() async throws {
        let reference = try await speak(Self.text, "en-us")
        let target = try await speak(Self.text, "en-us+f3", speed: 0.9)
        var random = SeededRandom(seed: 7)
        let energy = target.audio.samples.reduce(0) { $0 + $1 * $1 } / Float(target.audio.samples.count)
        // White noise 10 dB below the speech.
        let amplitude = (energy / 10 * 3).squareRoot()
        func noise(_ count: Int, _ amplitude: Float) -> [Float] {
            (0..<count).map { _ in Float.random(in: -amplitude...amplitude, using: &random) }
        }
        let noisy = zip(target.audio.samples, noise(target.audio.samples.count, amplitude)).map { $0 + $1 }
        let (before, after) = (1.5, 2.5)
        let padded =
            noise(Int(before * 22_050), 0.0005) + target.audio.samples.map { $0 * 0.1 }
            + noise(Int(after * 22_050), 0.0005)
        let telephone = try target.audio.resampled(toRateHz: 8_000)
        let cases = [
            ("noise", AudioSignal(samples: noisy, sampleRateHz: 22_050), 0.0),
            ("quiet and padded", AudioSignal(samples: padded, sampleRateHz: 22_050), before),
            ("8 kHz", telephone, 0),
        ]
        for (name, audio, shift) in cases {
            let found = try await PhonemeAlignment.align(reference, to: audio).map { phoneme in
                var phoneme = phoneme
                phoneme.startSeconds -= shift
                return phoneme
            }
            let errors = try errors(found, target.phonemes)
            #expect(mean(errors) < 0.03, "\(name)")
        }
    }

    @Test("what is found covers the recording without gaps, also where it is silent or says something else")
    func covers() async throws {
        let reference = try await speak("Hello world", "en-us")
        let other = try await speak("Nothing of this was ever agreed upon.", "en-us+f3")
        let silence = AudioSignal(samples: [Float](repeating: 0, count: 16_000), sampleRateHz: 16_000)
        let click = AudioSignal(samples: [1], sampleRateHz: 44_100)
        for audio in [other.audio, silence, click] {
            let found = try await PhonemeAlignment.align(reference, to: audio)
            PhonemeExpectations.expectCovering(found, durationSeconds: audio.durationSeconds)
        }
        let quiet = try await PhonemeAlignment.align(reference, to: silence)
        #expect(quiet.map(\.symbol) == [""])
    }

    @Test("the sounds of a recording are found by its text, in a file as in memory")
    func recording() async throws {
        let folder = try TemporaryDirectory()
        let spoken = try await speak("Your quest awaits", "en-us+f3")
        let path = folder.path(of: "quest.wav")
        try AudioWriter.write(spoken.audio, to: path, as: .wav16)
        let recording = try Recording(path: path)
        #expect(recording.sampleRateHz == 22_050 && recording.sampleCount == spoken.audio.samples.count)
        let phonemes = try await recording.phonemes(of: "Your quest awaits", pronunciation: provider)
        #expect(mean(try errors(phonemes, spoken.phonemes)) < 0.015)
        let bytes = try Recording(bytes: folder.read("quest.wav"), name: "upload")
        let uploaded = try bytes.blocks().collected(rateHz: 22_050)
        #expect(try uploaded == recording.blocks().collected(rateHz: 22_050))
    }

    @Test("what is no recording is refused with the reason")
    func notAudio() throws {
        let folder = try TemporaryDirectory()
        try folder.write("hello", to: "a.wav")
        try folder.write("", to: "b.wav")
        for name in ["a.wav", "b.wav", "c.wav"] {
            #expect { try Recording(path: folder.path(of: name)) } throws: { error in
                guard case AvatarError.recording = error else { return false }
                return "\(error)".contains(name)
            }
        }
    }
}

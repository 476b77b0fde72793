import Audio
import Foundation
import TestSupport
import Testing

@testable import Avatar

@Suite("Voices of espeak-ng", .enabled(if: InstalledEspeak.isThere, InstalledEspeak.comment))
struct EspeakVoiceTests {
    private let provider = EspeakProvider(helper: InstalledEspeak.helper)

    private func speak(
        _ text: String,
        _ voice: String = "en-us",
        _ settings: VoiceSettings = VoiceSettings()
    ) async throws -> Speech {
        let voice = try #require(try await provider.voice(named: voice))
        return try await voice.speak(text, settings: settings)
    }

    @Test(
        "sounds cover the audio in many voices and languages",
        arguments: [
            ("en-us", "Hello, my brave friend. Your quest awaits!"),
            ("en-us+f3", "I already object to the chairs and judges."),
            ("en-gb+m3", "The cat sat on the mat: why?"),
            ("de", "Ich möchte über die Straße gehen, pfeifen und Äpfel kaufen."),
            ("fr", "Je voudrais un croissant, s'il vous plaît."),
            ("es", "¿Dónde está la biblioteca?"),
            ("ru", "Привет, как дела?"),
            ("cmn", "你好，世界"),
            ("ja", "こんにちは"),
            ("hi", "नमस्ते दुनिया"),
            ("ar", "مرحبا بالعالم"),
        ]
    )
    func covers(voice: String, text: String) async throws {
        let speech = try await speak(text, voice)
        PhonemeExpectations.expectCovering(speech, "\(voice)")
        #expect(speech.phonemes.count { !$0.symbol.isEmpty } >= 5)
        #expect(speech.audio.samples.contains { abs($0) > 0.1 })
    }

    @Test(
        "symbols are those of the International Phonetic Alphabet, and the stress is that of the dictionary"
    )
    func symbols() async throws {
        let speech = try await speak("Hello there, father.")
        let heard = speech.phonemes.filter { !$0.symbol.isEmpty }
        #expect(heard.map(\.symbol).joined(separator: " ") == "h ə l oʊ ð ɛɹ f ɑː ð ɚ")
        #expect(heard.filter(\.isStressed).map(\.symbol) == ["oʊ", "ɛɹ", "ɑː"])
        #expect(speech.audio.sampleRateHz == 22_050)
    }

    /// espeak-ng 1.51 crashes in every third try here.
    @Test("emoji side by side do no harm in a voice that knows none of them")
    func symbolsSideBySide() async throws {
        for _ in 0..<10 {
            let speech = try await speak("नमस्ते 👵🕱", "hi")
            #expect(speech.phonemes.count { !$0.symbol.isEmpty } >= 5)
        }
    }

    @Test(
        "a word of another language leaves no mark of the change",
        arguments: ["fr", "bg", "pt", "vi", "hi"]
    )
    func otherLanguage(voice: String) async throws {
        let speech = try await speak("Hello world computer", voice)
        #expect(
            speech.phonemes.allSatisfy {
                $0.symbol.unicodeScalars.allSatisfy { !"()0123456789".unicodeScalars.contains($0) }
            }
        )
        PhonemeExpectations.expectCovering(speech)
    }

    @Test("a pause stands where the comma is")
    func pause() async throws {
        let speech = try await speak("Yes, no.")
        let inner = speech.phonemes.dropFirst().dropLast().filter { $0.symbol.isEmpty }
        #expect(inner.contains { $0.endSeconds - $0.startSeconds > 0.08 })
    }

    @Test("the audio is loud where vowels are and quiet where silence is")
    func energy() async throws {
        let speech = try await speak("Papa may buy many apples. Goodbye.")
        func loudness(_ phonemes: [TimedPhoneme]) -> Float {
            let pieces = phonemes.flatMap { phoneme in
                let rate = Double(speech.audio.sampleRateHz)
                let range = Int(phoneme.startSeconds * rate)..<Int(phoneme.endSeconds * rate)
                return speech.audio.samples[range.clamped(to: speech.audio.samples.indices)].map { $0 * $0 }
            }
            return (pieces.reduce(0, +) / Float(max(1, pieces.count))).squareRoot()
        }
        let vowels = loudness(speech.phonemes.filter { $0.symbol.contains { "aæɑɛioʊ".contains($0) } })
        let silence = loudness(speech.phonemes.filter { $0.symbol.isEmpty })
        #expect(vowels > 4 * silence)
    }

    @Test("settings change what they are named after")
    func settings() async throws {
        let plain = try await speak("The quick brown fox jumps.")
        let fast = try await speak("The quick brown fox jumps.", "en-us", VoiceSettings(speed: 2))
        #expect(fast.audio.durationSeconds < 0.7 * plain.audio.durationSeconds)
        let high = try await speak("The quick brown fox jumps.", "en-us", VoiceSettings(pitch: 1))
        #expect(high.audio.samples != plain.audio.samples)
        let again = try await speak("The quick brown fox jumps.")
        #expect(again.audio == plain.audio)
        #expect(again.phonemes == plain.phonemes)
    }

    @Test(
        "odd texts are spoken, or refused with a reason",
        arguments: [
            "😀🎉", "a", "!", "...", "?!?!", "\u{1}50P\u{1}hello", "\u{7f}\u{9b}31m",
            "<speak><break/>hi</speak>",
            "[[h@l'oU]]", "%s%s%n", "$(reboot); `id`", "--voice de", "\u{202e}abc", "e\u{301}\u{301}\u{301}",
            String(repeating: "a", count: 5_000), String(repeating: "9", count: 400), "１２３",
            "\u{e000}\u{f8ff}",
            "a\r\nb\tc\u{2028}d", String(repeating: "?", count: 900), "👩‍👩‍👧‍👦", "ﷺ", "x́̂̃̄̅",
        ]
    )
    func oddTexts(text: String) async throws {
        do {
            let speech = try await speak(text)
            PhonemeExpectations.expectCovering(speech, "\(text.prefix(20))")
        } catch AvatarError.text(let reason) {
            #expect(reason.contains("nothing that"), "\(text.prefix(20)): \(reason)")
            #expect(!text.contains { $0.isLetter && $0.isASCII })
        }
    }

    @Test("markup and commands of the engine are text like any other")
    func noMarkup() async throws {
        // As SSML this would be a pause of 5 s.
        let speech = try await speak("one <break time=\"5s\"/> two")
        #expect(speech.phonemes.allSatisfy { !$0.symbol.isEmpty || $0.endSeconds - $0.startSeconds < 1 })
        // As a command this would raise the pitch to 99.
        let plain = try await speak("  99P hello")
        let command = try await speak(" \u{1}99P hello")
        #expect(plain.audio == command.audio)
    }

    @Test("ten minutes of speech are made in seconds", .timeLimit(.minutes(1)))
    func long() async throws {
        let sentence = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all. "
        let speech = try await speak(String(repeating: sentence, count: 120))
        #expect(speech.audio.durationSeconds > 540)
        PhonemeExpectations.expectCovering(speech, "long")
    }

    @Test("a text, a setting and a voice that cannot be are refused before anything runs")
    func refusals() async throws {
        await #expect(throws: AvatarError.self) { try await speak(" \n ") }
        await #expect(throws: AvatarError.text(reason: "it contains a NUL character; remove it")) {
            try await speak("a\0b")
        }
        await #expect(throws: AvatarError.setting(name: "speed", value: 3, range: 0.5...2)) {
            try await speak("a", "en-us", VoiceSettings(speed: 3))
        }
        for name in [
            "../../etc/passwd", "en-us+../x", "en-us+", "+f3", "", "en-us+f3+f3", "en us", "gmw/en-US",
        ] {
            let voice = try await provider.voice(named: name)
            #expect(voice == nil, "\(name)")
        }
    }

    @Test("the list has English voices of both genders first, and many languages")
    func list() async throws {
        let voices = try await provider.voices().map(\.description)
        #expect(voices.first?.id == "espeak:en-us")
        #expect(voices.count { $0.language == "en-us" && $0.gender == "female" } >= 4)
        #expect(voices.count { $0.language == "en-us" && $0.gender == "male" } >= 4)
        #expect(Set(voices.compactMap(\.language)).count > 80)
        #expect(Set(voices.map(\.id)).count == voices.count)
        #expect(try await provider.voice(named: "fr")?.id == "espeak:fr-fr")
        #expect(try await provider.voice(named: "en+m2")?.id == "espeak:en-gb+m2")
        let third = try #require(voices.first { $0.id == "espeak:en-us+f3" })
        #expect(third.name == "English (America), female 3")
    }
}

import Testing

@testable import Avatar

@Suite("Text and settings from outside")
struct SpokenTextTests {
    @Test("white space around text is left out, and the limit counts characters")
    func accepts() throws {
        #expect(try SpokenText.validated(" \n hello  world\t") == "hello  world")
        #expect(try SpokenText.validated("x", characterLimit: 1) == "x")
        let families = String(repeating: "é", count: 1_000)
        #expect(try SpokenText.validated(families, characterLimit: 1_000) == families)
    }

    @Test(
        "what cannot be spoken is refused with the reason",
        arguments: [
            ("", "nothing to say"), (" \u{2003}\n", "nothing to say"), ("a\0b", "NUL"),
            (String(repeating: "x", count: 1_001), "1001 characters are too long"),
            (String(repeating: "x", count: 20_000), "bytes are too long"),
        ]
    )
    func refuses(text: String, words: String) {
        #expect { try SpokenText.validated(text, characterLimit: 1_000) } throws: { "\($0)".contains(words) }
    }

    @Test(
        "settings outside their range are refused by name",
        arguments: [
            (VoiceSettings(stability: -0.1), "stability"), (VoiceSettings(stability: .nan), "stability"),
            (VoiceSettings(similarityBoost: 1.1), "similarity_boost"), (VoiceSettings(speed: 0.4), "speed"),
            (VoiceSettings(pitch: .infinity), "pitch"),
        ]
    )
    func settings(settings: VoiceSettings, name: String) throws {
        try VoiceSettings().validate()
        #expect { try settings.validate() } throws: { "\($0)".hasPrefix(name) }
    }

    @Test func `symbols become spaces, one for each scalar, and nothing else does`() {
        #expect(SpokenText.withoutSymbols("Hi 👵🕱, नमस्ते ☠") == "Hi   , नमस्ते  ")
        let kept = "1 + 1 = 2 €, a_b (c) «é» 你好 مرحبا"
        #expect(SpokenText.withoutSymbols(kept) == kept)
    }
}

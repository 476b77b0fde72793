import Testing

@testable import Avatar

/// The symbols are those that espeak-ng 1.51 was seen to write in all its languages.
@Suite("Symbols of espeak-ng")
struct EspeakSymbolTests {
    @Test(
        "sounds are kept with their marks, and freed of what is no phonetic letter",
        arguments: [
            ("m", "m"), ("ˈɑː", "ɑː"), ("tʃ", "tʃ"), ("ɛ̃", "ɛ̃"), ("tʲ", "tʲ"), ("t̻͡s̪", "t̻͡s̪"), ("dZ", "dʒ"),
            ("tS", "tʃ"),
            ("A", "ɑ"), ("r#", "r"), ("k`", "k"), ("i.", "i"), ("o-", "o"), ("n^", "n"), ("u\"", "u"),
            ("ᵻ", "ᵻ"),
        ]
    )
    func sounds(symbol: String, expected: String) {
        #expect(EspeakSymbol(symbol) == .sound(expected))
    }

    @Test(
        "changes of language, marks alone and tones are no sounds",
        arguments: ["(en)", "(pt-pt)", "(en-gb-x", "ʲ", "\u{303}", "1", "^"]
    )
    func nothing(symbol: String) {
        #expect(EspeakSymbol(symbol) == .nothing)
    }

    @Test("an empty symbol is a pause")
    func silence() {
        #expect(EspeakSymbol("") == .silence)
        #expect(EspeakSymbol("ˈ") == .silence)
    }
}

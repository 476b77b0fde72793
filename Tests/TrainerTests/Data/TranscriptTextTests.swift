import TestSupport
import Testing

@testable import Trainer

@Suite struct TranscriptTextTests {
    /// LibriSpeech's capitals and a manifest's prose become the same ids.
    @Test func sourcesAgree() throws {
        let tokenizer = try TokenizerFixture.tokenizer()
        let expected = try tokenizer.encode("hello there")
        for text in ["HELLO THERE", "Hello there", " hello\t there \r\n"] {
            #expect(try tokenizer.encode(TranscriptText.normalized(text)) == expected)
        }
        #expect(try tokenizer.encode("HELLO THERE").contains(SpecialToken.unknown.id))
    }

    @Test func nothingElseIsLost() {
        #expect(TranscriptText.normalized("Don't  STOP — «Ça va?»") == "don't stop — «ça va?»")
        #expect(TranscriptText.normalized(" \u{3000}\n") == "")
    }

    @Test func aNormalFormIsItsOwn() {
        var random = SeededRandom.fresh()
        for _ in 0..<200 {
            let text = random.text(
                0...12,
                of: ["A", "ß", "İ", "Σ", "ς", " ", "\t", "\u{301}", "ﬁ", "\u{200B}", "é"]
            )
            let once = TranscriptText.normalized(text)
            #expect(TranscriptText.normalized(once) == once, "\(random)")
        }
    }
}

import Collector
import TestSupport
import Testing

/// docs/collector-threat-model.md: terminals never see a control character of a name.
@Suite struct ShownTextTests {
    @Test(
        "control characters are shown as rsync shows them",
        arguments: [
            ("metrics.jsonl", "metrics.jsonl"), ("a\u{1B}[31mb", ##"a\#033[31mb"##),
            ("a\u{7F}", ##"a\#177"##), ("\u{9B}31m", ##"\#302\#23331m"##),
            (##"a\#033b"##, ##"a\#134#033b"##), (##"a\#03"##, ##"a\#03"##), ("a\tb", "a\tb"),
            ("é \u{A0}√", "é \u{A0}√"), ("\r\n", ##"\#015\#012"##), ("", ""), ("\\", "\\"),
        ]
    )
    func table(text: String, shown: String) {
        #expect(ShownText.escaped(text) == shown)
    }

    @Test func `whatever a name is, no terminal obeys it, and two names never look the same`() {
        var random = SeededRandom.fresh()
        let alphabet: [Unicode.Scalar] = [
            "a", "\\", "#", "0", "3", "\u{1B}", "\u{9B}", "\u{C2}", "\u{7F}", "é", "\n",
        ]
        var seen: [String: String] = [:]
        for _ in 0..<20_000 {
            var name = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...7, using: &random) {
                name.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
            }
            let (text, shown) = (String(name), ShownText.escaped(String(name)))
            #expect(!shown.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(random)")
            let other = seen.updateValue(text, forKey: shown)
            #expect(other == nil || other?.utf8.elementsEqual(text.utf8) == true, "\(random)")
        }
    }
}

import Foundation
import TestSupport
import Testing

@testable import RunRecords

@Suite("JSON string text") struct JSONStringTextTests {
    static let hostile = [
        "\"", "\\", "/", "\u{0}", "\u{1F}", "\n", "\r\n", "\t", "<script>", "</script>", "&amp;", "'",
        "\u{2028}", "\u{2029}", "\u{202E}", "\u{301}", "\"\u{301}", "e\u{301}", "🙂", "\u{FEFF}", "\u{7F}",
        "ä", "日本", "\u{200F}", "\u{2027}", "\u{202A}",
    ]

    @Test("Any text reads back as it was", arguments: [false, true])
    func roundTrip(markupSafe: Bool) throws {
        var random = SeededRandom.fresh()
        for _ in 0..<2_000 {
            let text = random.text(0...12, of: Self.hostile)
            var bytes: [UInt8] = []
            JSONStringText.append(text, markupSafe: markupSafe, to: &bytes)
            let read = try #require(try JSONParser.parse(bytes).string)
            #expect(read.utf8.elementsEqual(text.utf8), "\(random)")
            // Foundation drops U+FEFF at some places, which is not ours to judge.
            guard !text.unicodeScalars.contains("\u{FEFF}") else { continue }
            let object = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            let other = try #require(object as? String)
            #expect(other.utf8.elementsEqual(text.utf8), "\(random)")
        }
    }

    @Test("Safe text holds nothing that markup or an old script reads as an end")
    func markupSafe() {
        var bytes: [UInt8] = []
        JSONStringText.append(Self.hostile.joined(), markupSafe: true, to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
        for scalar in ["<", ">", "&", "\u{2028}", "\u{2029}"] as [Unicode.Scalar] {
            #expect(!text.contains(scalar))
        }
        #expect(!bytes.contains { $0 < 0x20 })
    }

    @Test("A quotation mark under a combining mark is still escaped")
    func combiningMark() {
        var bytes: [UInt8] = []
        JSONStringText.append("\"\u{301}", markupSafe: true, to: &bytes)
        #expect(bytes == Array("\"\\\"\u{301}\"".utf8))
    }
}

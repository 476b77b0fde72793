import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Slugs, colours and escaping")
struct NamesTests {
    /// Names as an attacker or an odd trainer would choose them.
    static let hostile = [
        "\"><script>alert(1)</script>", "a\u{0}b", "\"\u{301}onload=x", "\u{202E}ssol", "", ".", "..",
        "../../etc/passwd",
        "loss\n<b>", "' onclick='", String(repeating: "é", count: 5000), "&amp;", "a\u{7F}b", "{{{x}}}",
        "日本語/損失",
    ]

    @Test("Safe names are kept", arguments: ["loss", "train_loss", "a.b-c_9"])
    func keepsSafeNames(name: String) { #expect(SeriesSlug.slug(for: name) == name) }

    @Test("Slugs are safe as file names and never meet")
    func slugs() {
        var random = SeededRandom.fresh()
        let alphabet = Array("ab/._- AZ0é\u{301}<\"")
        var names: Set<String> = Set(Self.hostile)
        for _ in 0..<800 {
            let length = Int.random(in: 0...12, using: &random)
            names.insert(String((0..<length).compactMap { _ in alphabet.randomElement(using: &random) }))
        }
        // A safe name that looks like another's slug.
        names.formUnion(names.map { SeriesSlug.slug(for: $0) })
        var owners: [String: [UInt8]] = [:]
        for name in names {
            let slug = SeriesSlug.slug(for: name)
            let isSafe = slug.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789._-".utf8.contains($0) }
            #expect(isSafe && (1...80).contains(slug.utf8.count) && !slug.hasPrefix("."), "\(slug) \(random)")
            #expect(owners[slug] == nil, "\(slug) of \(name) \(random)")
            owners[slug] = Array(name.utf8)
        }
        #expect(
            SeriesSlug.slug(for: "train/loss")
                == "train-loss-\(String(StableHash.fnv1a("train/loss"), radix: 16))"
        )
    }

    @Test("The hash is FNV-1a, the same everywhere")
    func hash() {
        #expect(StableHash.fnv1a("") == 0x811c_9dc5)
        #expect(StableHash.fnv1a("foobar") == 0xbf9c_f968)
    }

    @Test("Losses have fixed colours, others their own; a line added at the end moves none")
    func colours() {
        let names = ["train/ce_loss", "train/loss", "train/ctc_loss", "a", "b", "c", "d", "e", "f", "g", "h"]
        let fixed: (String) -> Int? = { MetricName($0).fixedColour }
        let all = Palette.slots(for: names, fixed: fixed)
        #expect(all.count == names.count && Set(all).count == names.count)
        #expect(all.prefix(3).map(\.colour) == [2, 0, 1])
        #expect(all.prefix(6).allSatisfy { $0.dash == 0 } && all.dropFirst(6).allSatisfy { $0.dash > 0 })
        for count in 0..<names.count {
            #expect(Palette.slots(for: Array(names.prefix(count)), fixed: fixed) == Array(all.prefix(count)))
        }
        #expect(PaletteSlot(colour: 2, dash: 0).classes == "c2")
        #expect(PaletteSlot(colour: 2, dash: 1).classes == "c2 d1")
        #expect(Palette.slots(for: (0..<100).map(String.init)).count == 100)
    }

    @Test("Escaping works on bytes: a quote with a combining mark ends no attribute")
    func escaping() {
        #expect(HTMLEscaping.escape("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;")
        #expect(HTMLEscaping.escape("\"\u{301}").utf8.elementsEqual("&quot;\u{301}".utf8))
        #expect(HTMLEscaping.escape("a\u{0}b\u{7F}\tc\r\n") == "ab\tc\n")
        for name in Self.hostile {
            let forbidden = Set("<>\"'".utf8)
            #expect(!HTMLEscaping.escape(name).utf8.contains { forbidden.contains($0) || $0 == 0 })
        }
    }
}

import Glibc
import TestSupport
import Testing

@testable import RunRecords

/// Parsing must give the double nearest to the text (IEEE 754 §5.12.2), which is what `strtod` is held to.
@Suite struct FloatParserTests {
    private func reference(_ text: String) -> Double { strtod(text, nil) }

    @Test(arguments: [
        "0", "-0", "1", "-1", "0.1", "3.916", "8.5e-06", "1765467099.21", "9007199254740993", "1e22", "1e23",
        "1e-22",
        "2.2250738585072014e-308", "2.2250738585072011e-308", "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "1.7976931348623157e308", "1.7976931348623159e308", "1e400", "-1e400", "1e-400",
        "123456789012345678901234567890",
        "0.000000000000000000000000000000123456789012345678", "9223372036854775807", "315000000000000000000",
        "1.0000000000000002220446049250313", "1.00000000000000011102230246251565404",
        "179769313486231580793728971405301e276", "0.30000000000000004", "5e-324", "6.9294956446009195e15",
    ])
    func `known hard numbers`(text: String) {
        #expect(FloatParser.parse(Array(text.utf8)) == reference(text), "\(text)")
    }

    @Test func `every double survives its shortest text`() {
        var random = SeededRandom.fresh()
        for _ in 0..<200_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = "\(value)"
            #expect(FloatParser.parse(Array(text.utf8)) == value, "\(text), \(random)")
        }
    }

    @Test func `any number of digits rounds as strtod does`() {
        var random = SeededRandom.fresh()
        for _ in 0..<100_000 {
            let digits = Int.random(in: 1...30, using: &random)
            var text = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
            text.insert(
                ".",
                at: text.index(text.startIndex, offsetBy: Int.random(in: 1...digits, using: &random))
            )
            if text.hasSuffix(".") { text += "0" }
            if Bool.random(using: &random) { text += "e\(Int.random(in: -330...310, using: &random))" }
            #expect(FloatParser.parse(Array(text.utf8)) == reference(text), "\(text), \(random)")
        }
    }

    @Test(arguments: [
        "", " ", "-", ".", ".5", "1.", "1e", "1e+", "0x10", "1 2", "--1", "1.2.3", "abc", "1f", "NaNa",
    ])
    func `what is no number is refused`(text: String) {
        #expect(FloatParser.parse(Array(text.utf8)) == nil)
    }

    @Test(arguments: ["NaN", "nan", "-nan"])
    func `not a number in any case`(text: String) throws {
        #expect(try #require(FloatParser.parse(Array(text.utf8))).isNaN)
    }

    @Test(arguments: [("Infinity", 1.0), ("-Infinity", -1), ("inf", 1), ("-INF", -1), ("+inf", 1)])
    func `infinities in any case`(text: String, sign: Double) {
        #expect(FloatParser.parse(Array(text.utf8)) == sign * .infinity)
    }
}

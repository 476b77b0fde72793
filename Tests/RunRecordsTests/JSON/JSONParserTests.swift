import Testing

@testable import RunRecords

/// RFC 8259, and the bare `NaN` and `Infinity` of Python's `json` module.
@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test func `values of every kind, members in order`() throws {
        let value = try parse(#" {"b":[1,-2.5e3,true,false,null],"a":{"x":"y"},"n":NaN,"i":-Infinity} "#)
        #expect(value.members?.map(\.key) == ["b", "a", "n", "i"])
        #expect(value["b"] == .array([.number(1), .number(-2500), .bool(true), .bool(false), .null]))
        #expect(value["a"]?["x"]?.string == "y")
        #expect(value["n"]?.number?.isNaN == true)
        #expect(value["i"]?.number == -.infinity)
    }

    @Test(arguments: [
        (#""\u0041\n\t\"\\\/""#, "A\n\t\"\\/"), (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ud83dx""#, "\u{FFFD}x"), (#""é""#, "é"), (#""""#, ""),
    ])
    func `escapes as in section 7`(text: String, expected: String) throws {
        #expect(try parse(text).string == expected)
    }

    @Test(arguments: [
        "", "{", "[1,", "{\"a\"}", "{\"a\":}", "{a:1}", "[1 2]", "\"abc", "\"\\x\"", "\"\\u12\"", "\"a\nb\"",
        "tru", "1 2",
        "{\"a\":1,}", "[,]", "'a'", "{\"a\":1}}",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: RunRecordsError.self) { try parse(text) }
    }

    @Test func `invalid UTF-8 is refused with its place`() {
        #expect(
            throws: RunRecordsError.json(
                offset: 3,
                reason: "a string that is not valid UTF-8 or has a bad escape"
            )
        ) {
            try JSONParser.parse([0x22, 0xC3, 0x28, 0x22])
        }
    }

    @Test func `nesting is limited, not the stack`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: RunRecordsError.self) { try parse(deep) }
    }

    @Test func `of equal keys the last one counts`() throws {
        #expect(try parse(#"{"a":1,"a":2}"#)["a"]?.number == 2)
    }

    @Test func `numeric strings are numbers to whoever asks`() throws {
        #expect(try parse(#""0.25""#).number == 0.25)
        #expect(try parse(#""5:39:46""#).number == nil)
    }
}

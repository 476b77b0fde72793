import Testing

@testable import RunRecords

/// RFC 3339 §5.6 and §5.8, whose examples these partly are.
@Suite struct TimestampParserTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("1985-04-12T23:20:50.52Z", 482_196_050.52),
        ("1996-12-19T16:39:57-08:00", 851_042_397), ("2025-12-11 15:31:39", 1_765_467_099),
        ("2025-12-11T16:31:39+0100", 1_765_467_099), ("2024-02-29T00:00:00Z", 1_709_164_800),
    ])
    func `a date and time is seconds since 1970`(text: String, expected: Double) throws {
        let seconds = try #require(TimestampParser.secondsSince1970(Array(text.utf8)))
        #expect(abs(seconds - expected) < 1e-6)
    }

    @Test(arguments: [
        "5:39:46", "2025-12-11", "2025-13-11T15:31:39Z", "2025-12-11T25:31:39Z", "2025-12-11T15:31:39X",
    ])
    func `anything else is not`(text: String) {
        #expect(TimestampParser.secondsSince1970(Array(text.utf8)) == nil)
    }
}

import Testing

@testable import SiteGen

/// RFC 9110 §14.
@Suite struct ByteRangeTests {
    @Test(arguments: [
        // §14.1.2, its own examples, for 10,000 bytes
        ("bytes=0-499", 10_000, ByteRange.part(0..<500)),
        ("bytes=500-999", 10_000, .part(500..<1000)),
        ("bytes=-500", 10_000, .part(9500..<10_000)),
        ("bytes=9500-", 10_000, .part(9500..<10_000)),
        ("bytes=0-0", 10_000, .part(0..<1)),
        ("bytes=-1", 10_000, .part(9999..<10_000)),
        // "bytes= 0-999, 4500-5499, -1000": apart, hence whole by §14.2
        ("bytes= 0-999, 4500-5499, -1000", 10_000, .whole),
        // overlapping and adjacent ranges, in any order (§15.3.7.2)
        ("bytes=500-600,601-999", 10_000, .part(500..<1000)),
        ("bytes=500-700,601-999", 10_000, .part(500..<1000)),
        ("bytes=5-9,0-4", 10, .part(0..<10)),
        ("bytes=0-4,2-3", 10, .part(0..<5)),
        // one satisfiable range among others is enough
        ("bytes=0-4,99-100", 10, .part(0..<5)),
        // ends beyond the representation (§14.1.2)
        ("bytes=0-99", 10, .part(0..<10)),
        ("bytes=-99", 10, .part(0..<10)),
        ("bytes=9-99999999999999999999999999", 10, .part(9..<10)),
        ("bytes=-10", 100, .part(90..<100)),
        // unsatisfiable (§14.1.2, §15.5.17)
        ("bytes=10-", 10, .unsatisfiable),
        ("bytes=10-20", 10, .unsatisfiable),
        ("bytes=-0", 10, .unsatisfiable),
        ("bytes=0-", 0, .unsatisfiable),
        ("bytes=-1", 0, .unsatisfiable),
        ("bytes=99999999999999999999999-", 10, .unsatisfiable),
        // the unit's name is case-insensitive (§14.1), empty list elements are ignored (§5.6.1.2)
        ("BYTES=1-2", 10, .part(1..<3)),
        ("bytes=,1-2, ,", 10, .part(1..<3)),
        // malformed or of another unit: ignored (§14.2)
        ("bytes=", 10, .whole), ("bytes=,", 10, .whole), ("bytes", 10, .whole), ("", 10, .whole),
        ("bytes=-", 10, .whole), ("bytes=5-4", 10, .whole), ("bytes=a-b", 10, .whole),
        ("bytes=1 - 2", 10, .whole), ("bytes=+1-2", 10, .whole), ("bytes=0-1,x", 10, .whole),
        ("bytes=99999999999999999999x-", 10, .whole), ("bytes=--5", 10, .whole), ("items=0-1", 10, .whole),
    ])
    func `a header means what its section says`(header: String, size: Int, expected: ByteRange) {
        #expect(ByteRange(header: header, size: size) == expected)
    }

    @Test func `a flood of ranges is ignored`() {
        let header = "bytes=" + (0..<1000).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ",")
        #expect(ByteRange(header: header, size: 10_000) == .whole)
    }

    @Test func `any bytes give a range inside the representation`() {
        var random = Seeded(seed: 7)
        let alphabet = Array("bytes=-0123456789, \tW/\"*;é\u{0}x".utf8)
        for round in 0..<20_000 {
            let length = Int.random(in: 0...24, using: &random)
            let tail = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            let header = (round % 4 == 0 ? "" : "bytes=") + String(decoding: tail, as: UTF8.self)
            let size = Int.random(in: 0...40, using: &random)
            if case .part(let part) = ByteRange(header: header, size: size) {
                #expect(
                    !part.isEmpty && part.lowerBound >= 0 && part.upperBound <= size,
                    "\(header) of \(size)"
                )
            }
        }
    }
}

/// SplitMix64: the same numbers on every machine.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

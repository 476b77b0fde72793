import Files
import TestSupport
import Testing

@Suite struct ContentHashTests {
    /// Values as `xxhsum -H128` prints them.
    @Test(arguments: [
        ("", "99aa06d3014798d86001c324468d497f"),
        ("hello", "b5e9c1ad071b3e7fc779cfaa5e523818"),
    ])
    func `agrees with xxhsum`(text: String, expected: String) {
        #expect(ContentHash(Array(text.utf8)).hex == expected)
    }

    @Test func `tells contents apart, one bit anywhere`() {
        var random = SeededRandom.fresh()
        let bytes = random.bytes(5_000)
        let hash = ContentHash(bytes)
        #expect(ContentHash(bytes) == hash)
        for _ in 0..<200 {
            var changed = bytes
            let index = Int.random(in: 0..<changed.count, using: &random)
            changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(ContentHash(changed) != hash, "\(random)")
        }
        #expect(ContentHash(Array(bytes.dropLast())) != hash)
    }
}

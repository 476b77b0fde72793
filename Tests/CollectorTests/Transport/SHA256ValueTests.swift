import Collector
import Testing

@Suite struct SHA256ValueTests {
    /// Source: FIPS 180-4 examples, "abc" and the empty message.
    @Test func `hashes of known texts`() {
        #expect(
            SHA256Value(hashing: Array("abc".utf8)).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            SHA256Value(hashing: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }

    @Test func `only 64 hexadecimal digits are a hash`() {
        let hex = SHA256Value(hashing: []).hex
        #expect(SHA256Value(hex: hex.uppercased())?.hex == hex)
        for text in ["", "abc", hex + "0", String(hex.dropLast()) + "g", String(hex.dropLast()) + "é"] {
            #expect(SHA256Value(hex: text) == nil, "\(text)")
        }
    }
}

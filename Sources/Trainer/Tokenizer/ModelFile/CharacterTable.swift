/// The compiled table by which a model rewrites characters: a trie of what is replaced, then the replacements.
///
/// Layout: the trie's size in bytes as a little-endian 32-bit number; the trie, a double array of 32-bit units as the
/// library Darts-clone lays it out; the replacements, each ended by a zero. The library walks the array without looking
/// where it ends, so every step that any text could make it take is checked here, once.
///
/// Source: SentencePiece, `Normalizer::DecodePrecompiledCharsMap`; Darts-clone, `DoubleArrayUnit`.
enum CharacterTable {
    static func check(_ table: ArraySlice<UInt8>) throws(ModelFileFault) {
        let sizeBytes = 4
        guard table.count > sizeBytes else { throw fault("too short") }
        let trieBytes = Int(word(table, at: 0))
        guard trieBytes >= 4, trieBytes.isMultiple(of: 4), trieBytes < table.count - sizeBytes else {
            throw fault("its two parts do not fit into it")
        }
        guard table.last == 0 else { throw fault("its last replacement has no end") }
        let replacementBytes = table.count - sizeBytes - trieBytes
        let count = trieBytes / 4
        for index in 0..<count {
            let unit = word(table, at: sizeBytes + 4 * index)
            // A leaf holds a value and leads nowhere; the root is walked whatever it says.
            let isLeaf = unit >> 31 == 1
            if isLeaf && index > 0 { continue }
            let base = index ^ Int((unit >> 10) << ((unit & (1 << 9)) >> 6))
            // Any byte may follow.
            guard base | 0xFF < count else { throw fault("unit \(index) of its trie leads out of it") }
            guard unit >> 8 & 1 == 1 else { continue }
            let value = word(table, at: sizeBytes + 4 * base) & 0x7FFF_FFFF
            guard value < replacementBytes else { throw fault("a replacement lies outside of it") }
        }
    }

    private static func word(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        let start = bytes.startIndex + offset
        return UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
            | UInt32(bytes[start + 3]) << 24
    }

    private static func fault(_ reason: String) -> ModelFileFault {
        ModelFileFault(reason: "its table of character rules is damaged: \(reason)")
    }
}

/// Names of series as parts of file names, URLs and element ids.
enum SeriesSlug {
    /// Leaves room for extensions below the 255 bytes of a file name and keeps URLs readable.
    private static let maximumLength = 80

    /// A file-safe name, `[a-z0-9._-]{1,80}`, not starting with a dot.
    ///
    /// A name that is safe already is kept. Any other gets what can be kept of it and `-` with eight hex
    /// digits of its hash, so `train/loss` and `train loss` differ; a safe name that happens to end like
    /// that gets a hash of its own, so it cannot meet another's.
    static func slug(for name: String) -> String {
        var kept: [UInt8] = []
        var isChanged = false
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                kept.append(byte)
            case UInt8(ascii: "."):
                if kept.isEmpty { isChanged = true } else { kept.append(byte) }
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                kept.append(byte | 0x20)
                isChanged = true
            default:
                isChanged = true
                if let last = kept.last, last != UInt8(ascii: "-") { kept.append(UInt8(ascii: "-")) }
            }
            if kept.count > maximumLength { break }
        }
        if !isChanged, !kept.isEmpty, kept.count <= maximumLength, !endsLikeHash(kept) {
            return String(decoding: kept, as: UTF8.self)
        }
        var slug = Array(kept.prefix(maximumLength - 9))
        while let last = slug.last, last == UInt8(ascii: "-") { slug.removeLast() }
        if !slug.isEmpty { slug.append(UInt8(ascii: "-")) }
        let hex = String(StableHash.fnv1a(name), radix: 16)
        slug.append(contentsOf: String(repeating: "0", count: 8 - hex.utf8.count).utf8)
        slug.append(contentsOf: hex.utf8)
        return String(decoding: slug, as: UTF8.self)
    }

    /// Whether it ends in eight hex digits after a `-`, or consists of them.
    private static func endsLikeHash(_ slug: [UInt8]) -> Bool {
        guard slug.count >= 8 else { return false }
        let isHex = slug.suffix(8).allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return isHex && (slug.count == 8 || slug[slug.count - 9] == UInt8(ascii: "-"))
    }
}

/// A hash that is the same in every process and on every machine, unlike `Hasher`.
enum StableHash {
    /// FNV-1a, 32 bit, over the UTF-8 bytes.
    ///
    /// Source: G. Fowler, L. C. Noll, K.-P. Vo, the FNV hash, RFC 9923.
    static func fnv1a(_ text: String) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return hash
    }
}

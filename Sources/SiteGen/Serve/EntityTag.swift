/// An entity tag as it stands in a header: `"abc"` or `W/"abc"`.
///
/// Source: RFC 9110 §8.8.3.
struct EntityTag: Hashable, Sendable {
    let isWeak: Bool
    /// What stands between the quotes.
    let opaque: String

    /// A strong tag of some text without quotes or control characters.
    init(strong opaque: String) {
        isWeak = false
        self.opaque = opaque
    }

    private init(isWeak: Bool, opaque: String) {
        self.isWeak = isWeak
        self.opaque = opaque
    }

    /// As it is sent.
    var text: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }

    /// §8.8.3.2: equal and both strong, as byte ranges need.
    func matchesStrongly(_ other: EntityTag) -> Bool { !isWeak && !other.isWeak && opaque == other.opaque }

    /// §8.8.3.2: equal but for the mark of weakness, as cache validation needs.
    func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }

    /// The tags of a comma-separated list, up to the first thing that is not a tag.
    ///
    /// Commas may stand inside the quotes, so the list cannot be split first.
    static func list(_ text: String) -> [EntityTag] {
        var tags: [EntityTag] = []
        var rest = Array(text.utf8)[...]
        while true {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x2C }
            let isWeak = rest.starts(with: [0x57, 0x2F])  // W/, case-sensitive
            let quoted = isWeak ? rest.dropFirst(2) : rest
            guard quoted.first == 0x22 else { return tags }
            let opaque = quoted.dropFirst().prefix { $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) }
            guard opaque.endIndex < quoted.endIndex, quoted[opaque.endIndex] == 0x22 else { return tags }
            rest = quoted[(opaque.endIndex + 1)...]
            if let next = rest.first, next != 0x20, next != 0x09, next != 0x2C { return tags }
            tags.append(EntityTag(isWeak: isWeak, opaque: String(decoding: opaque, as: UTF8.self)))
        }
    }

    /// The one tag that is the whole of `text`, as `If-Range` has it.
    init?(exactly text: String) {
        let tags = Self.list(text)
        guard let tag = tags.first, tags.count == 1, tag.text == text else { return nil }
        self = tag
    }
}

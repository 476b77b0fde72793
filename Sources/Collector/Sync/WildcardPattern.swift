/// rsync's own wildcards: `*` and `?` stop at slashes, `**` does not.
///
/// Source: rsync, lib/wildmatch.c.
struct WildcardPattern: Sendable, Hashable {
    private let pattern: [UInt8]

    /// - Parameter pattern: with its backslashes.
    init(_ pattern: some Sequence<UInt8>) { self.pattern = Array(pattern) }

    /// Whether the whole text fits.
    func matches(_ text: some Sequence<UInt8>) -> Bool {
        Self.match(pattern[...], Array(text)[...]) == .yes
    }

    private enum Answer {
        case yes, no
        /// A slash is in the way, which only a double star crosses.
        case notWithoutDoubleStar
        /// The text is too short. As the one before, it ends a search early that else were exponential.
        case never
    }

    private static let slash = UInt8(ascii: "/")

    private static func match(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Answer {
        var (pattern, text) = (pattern, text)
        while let token = pattern.first {
            if text.isEmpty, token != UInt8(ascii: "*") { return .never }
            pattern = pattern.dropFirst()
            switch token {
            case UInt8(ascii: "*"): return matchStar(pattern, text)
            case UInt8(ascii: "?"):
                if text.popFirst() == slash { return .no }
            case UInt8(ascii: "["):
                guard let byte = text.popFirst() else { return .never }
                guard let (isMember, rest) = set(pattern, contains: byte) else { return .never }
                guard isMember, byte != slash else { return .no }
                pattern = rest
            default:
                var wanted = token
                if token == UInt8(ascii: "\\") { wanted = pattern.popFirst() ?? token }
                if text.popFirst() != wanted { return .no }
            }
        }
        return text.isEmpty ? .yes : .no
    }

    private static func matchStar(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Answer {
        let rest = pattern.drop { $0 == UInt8(ascii: "*") }
        let crossesSlashes = rest.count < pattern.count
        if rest.isEmpty { return crossesSlashes || !text.contains(slash) ? .yes : .notWithoutDoubleStar }
        var text = text
        while true {
            let answer = match(rest, text)
            if answer == .yes || answer == .never { return answer }
            if answer == .notWithoutDoubleStar, !crossesSlashes { return answer }
            guard let byte = text.popFirst() else { return .never }
            if byte == slash, !crossesSlashes { return .notWithoutDoubleStar }
        }
    }

    /// Whether a set has the byte, and what follows the set; nil where the set has no end.
    private static func set(
        _ pattern: ArraySlice<UInt8>,
        contains byte: UInt8
    ) -> (Bool, ArraySlice<UInt8>)? {
        var rest = pattern
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest = rest.dropFirst() }
        var isMember = false
        var isFirst = true
        var previous: UInt8?
        while let token = rest.popFirst() {
            if token == UInt8(ascii: "]"), !isFirst { return (isMember != isNegated, rest) }
            isFirst = false
            if token == UInt8(ascii: "-"), let low = previous, let next = rest.first,
                next != UInt8(ascii: "]")
            {
                rest = rest.dropFirst()
                var high = next
                if next == UInt8(ascii: "\\") {
                    guard let escaped = rest.popFirst() else { return nil }
                    high = escaped
                }
                if low <= byte, byte <= high { isMember = true }
                previous = nil
            } else if token == UInt8(ascii: "["), rest.first == UInt8(ascii: ":") {
                guard let end = rest.firstIndex(of: UInt8(ascii: "]")), end >= rest.startIndex + 2,
                    rest[end - 1] == UInt8(ascii: ":")
                else { return nil }
                let name = String(decoding: rest[(rest.startIndex + 1)..<(end - 1)], as: UTF8.self)
                guard let contains = classes[name] else { return nil }
                if contains(byte) { isMember = true }
                rest = rest[(end + 1)...]
                previous = nil
            } else {
                var member = token
                if token == UInt8(ascii: "\\") {
                    guard let escaped = rest.popFirst() else { return nil }
                    member = escaped
                }
                if member == byte { isMember = true }
                previous = member
            }
        }
        return nil
    }

    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { isDigit($0) || isLetter($0) }, "alpha": { isLetter($0) },
        "blank": { $0 == 0x20 || $0 == 0x09 }, "cntrl": { $0 < 0x20 || $0 == 0x7F },
        "digit": { isDigit($0) }, "graph": { (0x21...0x7E).contains($0) },
        "lower": { (0x61...0x7A).contains($0) }, "print": { (0x20...0x7E).contains($0) },
        "punct": { (0x21...0x7E).contains($0) && !isDigit($0) && !isLetter($0) },
        "space": { $0 == 0x20 || (0x09...0x0D).contains($0) }, "upper": { (0x41...0x5A).contains($0) },
        "xdigit": { isDigit($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) },
    ]

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

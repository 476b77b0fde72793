/// What part of a resource a response holds.
///
///     bytes 500-999/1234      bytes 500-999/*      bytes */1234
///
/// Source: RFC 9110 §14.4.
enum ContentRange: Equatable {
    /// Positions of the first byte and behind the last one; the length of the whole where it is known.
    case part(Range<Int>, whole: Int?)
    /// The part asked for does not exist; the length of the whole.
    case unsatisfied(whole: Int)

    /// Reads the value of a `Content-Range` field.
    ///
    /// - Parameter field: text from the server; nil comes back for what the grammar does not allow.
    init?(_ field: String) {
        let bytes = Array(field.utf8)
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")),
            String(decoding: bytes[..<space], as: UTF8.self).lowercased() == "bytes"
        else { return nil }
        let parts = bytes[(space + 1)...].split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        guard parts.count == 2 else { return nil }
        let whole = Self.number(parts[1])
        let isUnknown = parts[1].elementsEqual("*".utf8)
        if parts[0].elementsEqual("*".utf8) {
            guard let whole else { return nil }
            self = .unsatisfied(whole: whole)
            return
        }
        let ends = parts[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]),
            first <= last,
            last < Int.max, whole != nil || isUnknown, whole.map({ last < $0 }) ?? true
        else { return nil }
        self = .part(first..<last + 1, whole: whole)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

/// Strings between the quotes of JSON text.
enum JSONString {
    /// The text of a string's raw bytes with its escapes resolved (RFC 8259 §7).
    ///
    /// Nil for invalid UTF-8 and unknown or cut-off escapes. A lone surrogate becomes U+FFFD: Python writes
    /// them for file names, and a metric should not be lost for its name.
    static func decode(_ raw: ArraySlice<UInt8>) -> String? {
        guard raw.contains(UInt8(ascii: "\\")) else { return String(validating: raw, as: UTF8.self) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                decoded.append(byte)
                continue
            }
            guard index < raw.endIndex else { return nil }
            let escape = raw[index]
            index += 1
            if let plain = simpleEscape(escape) {
                decoded.append(plain)
                continue
            }
            guard escape == UInt8(ascii: "u"), let unit = hexUnit(raw, &index) else { return nil }
            decoded.append(contentsOf: Array(String(scalar(unit, raw, &index)).utf8))
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func simpleEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    private static func hexUnit(_ raw: ArraySlice<UInt8>, _ index: inout Int) -> UInt32? {
        guard index + 4 <= raw.endIndex else { return nil }
        var unit: UInt32 = 0
        for byte in raw[index..<index + 4] {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        index += 4
        return unit
    }

    /// Joins a surrogate pair when the second half follows.
    private static func scalar(_ unit: UInt32, _ raw: ArraySlice<UInt8>, _ index: inout Int) -> UnicodeScalar
    {
        let replacement: UnicodeScalar = "\u{FFFD}"
        guard (0xD800..<0xDC00).contains(unit) else { return UnicodeScalar(unit) ?? replacement }
        var next = index
        guard next + 2 <= raw.endIndex, raw[next] == UInt8(ascii: "\\"), raw[next + 1] == UInt8(ascii: "u")
        else {
            return replacement
        }
        next += 2
        guard let low = hexUnit(raw, &next), (0xDC00..<0xE000).contains(low) else { return replacement }
        index = next
        return UnicodeScalar(0x10000 + ((unit - 0xD800) << 10 | (low - 0xDC00))) ?? replacement
    }
}

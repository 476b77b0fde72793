/// Writes strings as JSON text, byte by byte.
///
/// Working on UTF-8 bytes and not on characters is what makes it safe: a quotation mark followed by a
/// combining mark is one `Character` that is not `"`, but its first byte still ends a string.
/// Source: RFC 8259, section 7.
package enum JSONStringText {
    /// Appends a quoted string.
    ///
    /// - Parameters:
    ///   - string: Any text, hostile or not.
    ///   - markupSafe: Also escapes `<`, `>`, `&`, U+2028 and U+2029, so that the text can stand inside an
    ///     HTML page or a script without ending it.
    ///   - bytes: Receives the text.
    package static func append(_ string: String, markupSafe: Bool, to bytes: inout [UInt8]) {
        var string = string
        string.withUTF8 { append($0, markupSafe: markupSafe, to: &bytes) }
    }

    /// Appends a quoted string given as UTF-8.
    package static func append(
        _ utf8: UnsafeBufferPointer<UInt8>,
        markupSafe: Bool,
        to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: "\""))
        var copied = 0
        var index = 0
        while index < utf8.count {
            let byte = utf8[index]
            if let escape = shortEscape(of: byte) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied..<index]))
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(escape)
                index += 1
                copied = index
            } else if byte < 0x20 || (markupSafe && isMarkup(byte)) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied..<index]))
                appendUnicodeEscape(UInt16(byte), to: &bytes)
                index += 1
                copied = index
            } else if markupSafe, byte == 0xE2, let separator = lineSeparator(in: utf8, at: index) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied..<index]))
                appendUnicodeEscape(separator, to: &bytes)
                index += 3
                copied = index
            } else {
                index += 1
            }
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied...]))
        bytes.append(UInt8(ascii: "\""))
    }

    private static func shortEscape(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        default: nil
        }
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "&")
    }

    /// U+2028 and U+2029 end a line in JavaScript before ES2019: E2 80 A8 and E2 80 A9.
    private static func lineSeparator(in utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt16? {
        guard index + 2 < utf8.count, utf8[index + 1] == 0x80 else { return nil }
        switch utf8[index + 2] {
        case 0xA8: return 0x2028
        case 0xA9: return 0x2029
        default: return nil
        }
    }

    private static func appendUnicodeEscape(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "u"))
        for shift in stride(from: 12, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: (unit >> shift) & 0xF)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

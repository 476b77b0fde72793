/// Makes text from outside safe in HTML: between tags, in quoted attributes, and inside inline SVG.
///
/// It works on UTF-8 *bytes*. Swift compares `Character`s, and a quote followed by a combining mark is one
/// character that does not equal `"`; looking at characters would let such a quote end an attribute.
enum HTMLEscaping {
    /// The text with every byte that means something to HTML replaced.
    static func escape(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the escaped text.
    ///
    /// Control characters other than tab and line feed are dropped: they are invisible, HTML forbids most
    /// of them, and a NUL ends the text for some tools.
    static func append(_ text: String, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): output.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): output.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): output.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): output.append(contentsOf: "&#39;".utf8)
            case 0x09, 0x0A: output.append(byte)
            case 0x00..<0x20, 0x7F: break
            default: output.append(byte)
            }
        }
    }
}

/// Text for a terminal or a log, of which parts come from another host.
public enum ShownText {
    /// The same text with its control characters as rsync shows them: `\\#033`.
    ///
    /// A terminal obeys escape sequences, and in some modes the C1 controls U+0080 to U+009F as well. A `\\#` that is
    /// followed by three digits is escaped, too, so that two names never look the same.
    ///
    /// Source: rsync, log.c, `filtered_fwrite`.
    ///
    /// - Parameter text: one line.
    /// - Returns: what can be shown.
    public static func escaped(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == UInt8(ascii: "\\") })
        else {
            return text
        }
        var shown: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            let isC1 = byte == 0xC2 && (0x80...0x9F).contains(next)
            let isSecondOfC1 = index > 0 && bytes[index - 1] == 0xC2 && (0x80...0x9F).contains(byte)
            let looksEscaped =
                byte == UInt8(ascii: "\\") && next == UInt8(ascii: "#")
                && bytes.dropFirst(index + 2).prefix(3).filter { (0x30...0x39).contains($0) }.count == 3
            guard (byte < 0x20 && byte != 0x09) || byte == 0x7F || isC1 || isSecondOfC1 || looksEscaped else {
                shown.append(byte)
                continue
            }
            shown += [
                UInt8(ascii: "\\"), UInt8(ascii: "#"), 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7),
                0x30 + (byte & 7),
            ]
        }
        return String(decoding: shown, as: UTF8.self)
    }
}

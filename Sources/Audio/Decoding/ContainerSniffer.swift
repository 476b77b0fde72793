/// Tells by its first bytes whether something may be a sound file, before any library parses it.
enum ContainerSniffer {
    /// How many bytes of the start are looked at.
    static let headByteCount = 16

    /// Whether the bytes begin like one of ``AudioContainer``, or with an ID3v2 tag that one may follow.
    static func isKnown(_ head: [UInt8]) -> Bool {
        let four = text(head, 0)
        switch four {
        case "RIFF", "RIFX", "RF64": return text(head, 8) == "WAVE"
        case "FORM": return text(head, 8) == "AIFF" || text(head, 8) == "AIFC"
        case "riff", ".snd", "dns.", "caff", "fLaC", "OggS", "NIST": return true
        default: return four.hasPrefix("ID3") || isMPEGFrame(head)
        }
    }

    /// Whether the bytes begin with the header of an MPEG audio frame: ISO/IEC 11172-3, 2.4.1.3.
    ///
    /// Only eleven bits are fixed, so the values that the standard forbids are looked at too. AAC in ADTS has
    /// the forbidden layer.
    static func isMPEGFrame(_ head: [UInt8]) -> Bool {
        guard head.count >= 4, head[0] == 0xff, head[1] & 0xe0 == 0xe0 else { return false }
        let hasVersion = head[1] & 0x18 != 0x08
        let hasLayer = head[1] & 0x06 != 0
        let hasBitRate = head[2] & 0xf0 != 0xf0
        let hasSampleRate = head[2] & 0x0c != 0x0c
        return hasVersion && hasLayer && hasBitRate && hasSampleRate
    }

    /// What bytes that are no sound file look like, for the message; nil where nothing is known.
    static func description(of head: [UInt8]) -> String? {
        if text(head, 4) == "ftyp" { return "MP4, M4A or MOV" }
        switch text(head, 0) {
        case "RIFF": return "a RIFF file that holds no WAVE"
        case "%PDF": return "PDF"
        case "\u{89}PNG": return "PNG"
        case "PK\u{3}\u{4}": return "a ZIP archive"
        case "GIF8": return "GIF"
        case "\u{1a}E\u{df}\u{a3}": return "WebM or Matroska"
        case "#!AM": return "AMR"
        case "0&\u{b2}u": return "Windows Media"
        default: break
        }
        if head.starts(with: [0xff, 0xd8, 0xff]) { return "JPEG" }
        if head.starts(with: [0x1f, 0x8b]) { return "gzip" }
        if head.count >= 2, head[0] == 0xff, head[1] & 0xf6 == 0xf0 { return "an AAC stream" }
        let isText = head.allSatisfy { (0x20..<0x7f).contains($0) || (0x09...0x0d).contains($0) }
        return isText ? "text" : nil
    }

    /// Four bytes as Latin-1; empty where they are not there.
    private static func text(_ head: [UInt8], _ offset: Int) -> String {
        guard head.count >= offset + 4 else { return "" }
        return String(String.UnicodeScalarView(head[offset..<offset + 4].map { Unicode.Scalar($0) }))
    }
}

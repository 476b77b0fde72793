import NIOCore

/// Shows, on pages of the last good build, that a newer build failed.
enum BuildFailureNotice {
    /// Where templates want the notice.
    static let marker = "<!--build-status-->"

    /// The notice as HTML, readable without styles and scripts.
    static func html(_ message: String) -> String {
        var html = "<aside class=\"build-error\" id=\"build-error\" role=\"alert\">"
        html += "<p><strong>The last build failed.</strong> This is the page as it was before.</p><pre>"
        html += escaped(message)
        return html + "</pre></aside>"
    }

    /// The page with the notice in place of its marker; nil where it has no marker.
    static func inject(_ message: String, into page: ByteBuffer) -> ByteBuffer? {
        let bytes = page.readableBytesView
        guard let range = firstRange(of: Array(marker.utf8), in: bytes) else { return nil }
        let notice = html(message)
        var result = ByteBufferAllocator().buffer(capacity: page.readableBytes + notice.utf8.count)
        result.writeBytes(bytes[..<range.lowerBound])
        result.writeString(notice)
        result.writeBytes(bytes[range.upperBound...])
        return result
    }

    /// Byte by byte: a combining mark after a quote must not hide the quote.
    private static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            case 0x09, 0x0A, 0x20...0x7E, 0x80...0xFF: bytes.append(byte)
            default: bytes += "\u{FFFD}".utf8  // control characters, NUL among them, are not HTML
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func firstRange(of pattern: [UInt8], in bytes: ByteBufferView) -> Range<Int>? {
        guard let first = pattern.first else { return nil }
        var rest = bytes[...]
        while let start = rest.firstIndex(of: first) {
            if bytes[start...].starts(with: pattern) { return start..<(start + pattern.count) }
            rest = bytes[(start + 1)...]
        }
        return nil
    }
}

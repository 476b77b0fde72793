/// What a file is, by the end of its name.
///
/// Our own table: a site must be served alike on every machine, whatever is in `/etc/mime.types`.
enum MediaTypes {
    /// The `Content-Type` of a file of this name; `application/octet-stream` for an unknown one, which
    /// browsers save rather than guess at.
    static func type(ofFile name: String) -> String {
        table[fileExtension(of: name)] ?? "application/octet-stream"
    }

    /// Whether the publisher makes `.gz` twins of such files, so that answers vary with `Accept-Encoding`.
    static func isCompressible(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasPrefix("application/json") || type.hasPrefix("image/svg")
            || type.hasPrefix("application/jsonl") || type.hasPrefix("application/xml")
            || type.hasPrefix("application/manifest+json")
    }

    /// The bytes after the last dot in lower case, by ASCII; empty where there is none.
    private static func fileExtension(of name: String) -> String {
        let bytes = name.utf8
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        let end = bytes[bytes.index(after: dot)...]
        return String(decoding: end.lazy.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static let table: [String: String] = [
        "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8",
        "css": "text/css; charset=utf-8", "csv": "text/csv; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
        "txt": "text/plain; charset=utf-8", "log": "text/plain; charset=utf-8",
        "md": "text/markdown; charset=utf-8", "yaml": "text/yaml; charset=utf-8",
        "yml": "text/yaml; charset=utf-8", "vtt": "text/vtt; charset=utf-8",
        "json": "application/json; charset=utf-8", "map": "application/json; charset=utf-8",
        "jsonl": "application/jsonl; charset=utf-8", "xml": "application/xml; charset=utf-8",
        "webmanifest": "application/manifest+json; charset=utf-8", "svg": "image/svg+xml; charset=utf-8",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp",
        "gif": "image/gif", "avif": "image/avif", "ico": "image/x-icon",
        "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
        "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "oga": "audio/ogg",
        "opus": "audio/ogg", "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac",
        "woff2": "font/woff2", "woff": "font/woff", "ttf": "font/ttf", "otf": "font/otf",
        "pdf": "application/pdf", "wasm": "application/wasm", "gz": "application/gzip",
        "zip": "application/zip", "safetensors": "application/octet-stream",
        "pt": "application/octet-stream", "ckpt": "application/octet-stream",
        "npz": "application/octet-stream",
    ]
}

/// The path of a request, decoded once and checked: what it names can only be below the site's root.
///
/// Source: RFC 3986 §3.3, §5.2.4, §6.2.2; RFC 9112 §3.2.
struct RequestTarget: Sendable, Equatable {
    /// Components joined by `/`, empty for the root; without a slash at either end.
    let path: String
    /// Whether a folder was asked for.
    let endsInSlash: Bool
    /// The query as sent, without its question mark.
    let query: String?

    /// Why a target is refused, with the status that says so.
    enum Refusal: Error, Equatable {
        /// 400: not a path, bad percent-encoding, not UTF-8, control characters, a backslash.
        case malformed
        /// 404: hidden files, steps upward, empty components. Nothing is said about what is there.
        case hidden
        /// 414: longer than any file's path.
        case tooLong
    }

    private static let maximumLength = 4096

    init(_ target: String) throws(Refusal) {
        var bytes = Array(target.utf8)[...]
        guard bytes.count <= 2 * Self.maximumLength else { throw .tooLong }
        // Absolute form, which a server must accept: http://host/path.
        for scheme in ["http://", "https://"] where bytes.starts(with: scheme.utf8) {
            bytes = bytes.dropFirst(scheme.utf8.count).drop { $0 != 0x2F && $0 != 0x3F }
            if bytes.first != 0x2F { bytes = [0x2F] + bytes }
        }
        guard bytes.first == 0x2F else { throw .malformed }
        let raw = bytes.prefix { $0 != 0x3F && $0 != 0x23 }
        let rest = bytes[raw.endIndex...]
        query =
            rest.first == 0x3F ? String(decoding: rest.dropFirst().prefix { $0 != 0x23 }, as: UTF8.self) : nil
        let decoded = try Self.decode(raw.dropFirst())
        guard decoded.count <= Self.maximumLength else { throw .tooLong }
        endsInSlash = decoded.isEmpty || decoded.last == 0x2F
        let trimmed = decoded.last == 0x2F ? decoded.dropLast() : decoded[...]
        if !decoded.isEmpty { try Self.check(trimmed) }
        guard let text = String(validating: trimmed, as: UTF8.self) else { throw .malformed }
        path = text
    }

    /// Undoes percent-encoding, once.
    private static func decode(_ raw: ArraySlice<UInt8>) throws(Refusal) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            var byte = raw[index]
            if byte == 0x25 {
                guard index + 2 < raw.endIndex, let high = hexadecimal(raw[index + 1]),
                    let low = hexadecimal(raw[index + 2])
                else { throw .malformed }
                byte = high << 4 | low
                // A slash that was hidden from whatever looked at the path before us.
                if byte == 0x2F { throw .hidden }
                index += 2
            }
            if byte < 0x20 || byte == 0x7F || byte == 0x5C { throw .malformed }
            decoded.append(byte)
            index += 1
        }
        return decoded
    }

    private static func check(_ path: ArraySlice<UInt8>) throws(Refusal) {
        var isFirst = true
        for component in path.split(separator: 0x2F, omittingEmptySubsequences: false) {
            guard component.count <= 255 else { throw .tooLong }
            guard let first = component.first else { throw .hidden }
            if first == 0x2E, !(isFirst && component.elementsEqual(".well-known".utf8)) { throw .hidden }
            isFirst = false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// Where the client should ask instead for a folder it named without its slash: relative, so that it
    /// holds behind any proxy, and starting with `./`, so that no name can be taken for a scheme or a host.
    var withSlash: String {
        let name = path.utf8.split(separator: 0x2F).last.map(Array.init) ?? []
        var location = "./"
        for byte in name {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                location.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                location += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return location + "/" + (query.map { "?" + $0 } ?? "")
    }

    /// The first value of a query parameter, decoded: nil where it is absent, empty where it cannot be decoded.
    func parameter(_ name: String) -> String? {
        for pair in (query ?? "").utf8.split(separator: 0x26) {
            let parts = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first, key.elementsEqual(name.utf8) else { continue }
            guard parts.count == 2 else { return "" }
            let raw = parts[1].map { $0 == 0x2B ? 0x20 : $0 }
            return (try? Self.decode(raw[...])).flatMap { String(validating: $0, as: UTF8.self) } ?? ""
        }
        return nil
    }
}

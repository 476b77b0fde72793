/// Which content codings an `Accept-Encoding` header allows.
///
/// Source: RFC 9110 §12.5.3, §12.4.2.
enum ContentCoding {
    /// Whether gzip may be sent, and is wanted at least as much as no coding at all.
    ///
    /// Without the header anything may be sent; but a client that does not say what it can undo is one that
    /// should get plain bytes.
    ///
    /// - Parameter header: the field's value; nil where it is absent.
    /// - Returns: whether to send a gzip twin.
    static func allowsGzip(_ header: String?) -> Bool {
        guard let header else { return false }
        var gzip: Int?
        var identity: Int?
        var any: Int?
        for element in header.utf8.split(separator: 0x2C) {
            let parts = element.split(separator: 0x3B, omittingEmptySubsequences: false)
            guard let name = parts.first, let weight = weight(parts.dropFirst()) else { continue }
            let coding = lowercased(name)
            if coding == "gzip" || coding == "x-gzip" {
                gzip = max(gzip ?? 0, weight)
            } else if coding == "identity" {
                identity = weight
            } else if coding == "*" {
                any = weight
            }
        }
        guard let wanted = gzip ?? any, wanted > 0 else { return false }
        return wanted >= identity ?? 0
    }

    /// The weight in thousandths; 1,000 where none is given, nil where it is malformed.
    private static func weight(_ parameters: some Sequence<Substring.UTF8View>) -> Int? {
        var weight = 1000
        for parameter in parameters {
            let text = lowercased(parameter)
            guard text.hasPrefix("q=") else { continue }
            guard let value = Double(text.dropFirst(2)), (0...1).contains(value) else { return nil }
            weight = Int(value * 1000)
        }
        return weight
    }

    /// Without white space around it, ASCII letters in lower case.
    private static func lowercased(_ bytes: Substring.UTF8View) -> String {
        String(
            decoding: bytes.lazy.filter { $0 > 0x20 }.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 },
            as: UTF8.self
        )
    }
}

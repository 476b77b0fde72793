import Glibc

/// Talk goes to standard error, data to standard output.
struct Console: Sendable {
    enum Verbosity: Sendable { case quiet, normal, verbose }

    let verbosity: Verbosity

    /// What people want to know; not with `-q`.
    func say(_ text: String) {
        guard verbosity != .quiet else { return }
        Self.error(text)
    }

    /// What people want to know when they look for a cause; with `-v` alone.
    func detail(_ text: String) {
        guard verbosity == .verbose else { return }
        Self.error(text)
    }

    /// One write per line, so that lines of several tasks do not mix.
    ///
    /// Control characters of hostile names are shown as `?`: a terminal would obey them.
    static func error(_ text: String) {
        var bytes = Array(visible(text).utf8)
        bytes.append(0x0A)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Text without control characters except the line break; some terminals obey U+0080 to U+009F, too.
    static func visible(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
            shown.append(isControl ? "?" : scalar)
        }
        return String(shown)
    }
}

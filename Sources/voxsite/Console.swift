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
        var bytes = text.utf8.map { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
        bytes.append(0x0A)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

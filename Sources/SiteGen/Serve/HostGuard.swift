/// Refuses requests that reached a loopback server under a foreign name.
///
/// A web page can point its own name at 127.0.0.1 (DNS rebinding) and would then be of one origin with this
/// server, able to read every run. The `Host` header gives it away: it still carries the page's name.
struct HostGuard: Sendable {
    /// Lower-case names; nil where the server is bound to an address others are meant to reach.
    private let accepted: Set<String>?

    init(boundTo host: String, allowing names: [String]) {
        let host = host.lowercased()
        accepted =
            Self.isLoopback(host)
            ? Set(["localhost", "127.0.0.1", "[::1]", host].map { $0 } + names.map { $0.lowercased() }) : nil
    }

    /// Whether an address or name that a server is bound to is this machine's own.
    static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
    }

    /// Whether a request with this `Host` may be answered.
    func accepts(_ authority: String?) -> Bool {
        guard let accepted else { return true }
        guard let authority else { return false }
        // Most requests of a session carry the same few names: look before lower-casing.
        let name = Self.withoutPort(authority)
        return accepted.contains(name) || accepted.contains(name.lowercased())
    }

    private static func withoutPort(_ authority: String) -> String {
        let bytes = authority.utf8
        guard let colon = bytes.lastIndex(of: 0x3A) else { return authority }
        let port = bytes[bytes.index(after: colon)...]
        guard port.allSatisfy({ 0x30...0x39 ~= $0 }), bytes.first != 0x5B || bytes[..<colon].last == 0x5D
        else {
            return authority
        }
        return String(authority[..<colon])
    }
}

/// One end of a transfer as people write it: a path, `[user@]host:path`, or a URL.
///
/// The rules are rsync's: a colon before the first slash means a remote host; a slash at the end of a source
/// means its contents rather than the folder itself.
public struct Location: Sendable, Hashable {
    /// How the place is reached.
    public enum Scheme: Sendable, Hashable {
        /// A path of this machine.
        case local
        /// `[user@]host:path`: over ssh, with whatever channel answers best.
        case host(HostReference)
        /// `sftp://[user@]host[:port]/path`: over SFTP and nothing else.
        case sftp(HostReference)
        /// `http://` or `https://`; the value is everything up to the path: `https://example.org:8443`.
        case http(origin: String)
    }

    /// A host in words: a name from hosts.yaml, or an address.
    public struct HostReference: Sendable, Hashable {
        /// Nil where hosts.yaml or ssh decides.
        public var user: String?
        /// A name from hosts.yaml, a host name, or an IP address without brackets.
        public var name: String
        /// Nil where hosts.yaml decides, or else 22.
        public var port: Int?

        /// - Parameters:
        ///   - user: the account there.
        ///   - name: the host.
        ///   - port: of its ssh server.
        public init(user: String? = nil, name: String, port: Int? = nil) {
            self.user = user
            self.name = name
            self.port = port
        }
    }

    /// How the place is reached.
    public var scheme: Scheme
    /// Without the slashes at its end; `/` for the root, `.` for the working or home folder.
    ///
    /// Relative paths on a host start at the home folder there. For HTTP: the path with its percent escapes.
    public var path: String
    /// Whether a slash at the end says that the contents are meant, not the folder.
    public var hasTrailingSlash: Bool

    /// - Parameters:
    ///   - scheme: how the place is reached.
    ///   - path: without slashes at its end.
    ///   - hasTrailingSlash: whether the contents are meant.
    public init(scheme: Scheme = .local, path: String, hasTrailingSlash: Bool = false) {
        self.scheme = scheme
        self.path = path
        self.hasTrailingSlash = hasTrailingSlash
    }

    /// Whether the place is in this machine's file system.
    public var isLocal: Bool { scheme == .local }
}

extension Location {
    /// Reads what was written on a command line or in a configuration.
    ///
    /// - Parameter text: `runs/`, `gpu:/root/runs/`, `sftp://root@203.0.113.7:20544/root/runs`, `https://…`.
    /// - Throws: ``CollectorError/usage(_:)``: empty, a password in a URL, rsync's daemon, control characters, a
    ///   host that begins with a dash.
    public init(parsing text: String) throws(CollectorError) {
        guard !text.isEmpty else { throw .usage("a source or destination is empty; write . for this folder") }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw .usage("a source or destination contains a control character")
        }
        if let end = text.firstRange(of: "://") {
            try self.init(
                url: text,
                scheme: text[..<end.lowerBound].lowercased(),
                rest: text[end.upperBound...]
            )
            return
        }
        let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
        guard let colon = Self.hostEnd(text[..<slash]) else {
            self.init(scheme: .local, rawPath: text)
            return
        }
        let path = text[text.utf8.index(after: colon)...]
        if path.utf8.first == UInt8(ascii: ":") {
            throw .usage(
                "\(HostReference.withoutPassword(text)): rsync's daemon (host::module) is not supported; "
                    + "write host:path"
            )
        }
        let host = try HostReference(text[..<colon], allowsPort: false, in: text)
        self.init(scheme: .host(host), rawPath: path.isEmpty ? "./" : String(path))
    }

    /// Where the host ends: the first colon outside the brackets of an IPv6 address.
    private static func hostEnd(_ text: Substring) -> String.Index? {
        let at = text.utf8.lastIndex(of: UInt8(ascii: "@")).map { text.utf8.index(after: $0) }
        let start = at ?? text.startIndex
        if text[start...].utf8.first == UInt8(ascii: "["),
            let bracket = text.utf8.lastIndex(of: UInt8(ascii: "]"))
        {
            let next = text.utf8.index(after: bracket)
            return next < text.endIndex && text.utf8[next] == UInt8(ascii: ":") ? next : nil
        }
        return text[start...].utf8.firstIndex(of: UInt8(ascii: ":"))
    }

    private init(url: String, scheme: String, rest: Substring) throws(CollectorError) {
        let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let (authority, path) = (rest[..<slash], slash == rest.endIndex ? "/" : String(rest[slash...]))
        let user = authority.utf8.lastIndex(of: UInt8(ascii: "@")).map { authority[..<$0] }
        if let user, user.utf8.contains(UInt8(ascii: ":")) {
            throw HostReference.passwordInAddress
        }
        switch scheme {
        case "sftp":
            let host = try HostReference(authority, allowsPort: true, in: url)
            self.init(scheme: .sftp(host), rawPath: path)
        case "http", "https":
            guard user == nil else {
                throw .usage("\(scheme)://…: a user name in the address is not supported")
            }
            _ = try HostReference(authority, allowsPort: true, in: url)
            self.init(scheme: .http(origin: "\(scheme)://\(authority)"), rawPath: path)
        case "rsync":
            throw .usage("rsync://…: rsync's daemon is not supported; write host:path, sftp:// or https://")
        default:
            throw .usage("\(scheme)://…: unknown kind of address; use a path, host:path, sftp:// or https://")
        }
    }

    private init(scheme: Scheme, rawPath: String) {
        var bytes = rawPath.utf8[...]
        let hasSlash = bytes.last == UInt8(ascii: "/")
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        let path = String(Substring(bytes))
        // As in rsync, `folder/.` means the contents, too.
        let isDot = path == "." || path == ".." || path.hasSuffix("/.") || path.hasSuffix("/..")
        self.init(scheme: scheme, path: path, hasTrailingSlash: hasSlash || isDot)
    }
}

extension Location.HostReference {
    /// Reads `[user@]host` and, where allowed, `:port`.
    ///
    /// - Parameters:
    ///   - text: the part of an address that names the host.
    ///   - allowsPort: whether a port may follow.
    ///   - whole: the address it is part of, for the message.
    /// - Throws: ``CollectorError/usage(_:)``.
    public init(
        _ text: some StringProtocol,
        allowsPort: Bool,
        in whole: String? = nil
    ) throws(CollectorError) {
        let shown = Self.withoutPassword(whole ?? String(text))
        var rest = Substring(text)
        var user: String?
        if let at = rest.utf8.lastIndex(of: UInt8(ascii: "@")) {
            // With a colon it is a password that was typed there, and is not repeated.
            guard !rest[..<at].utf8.contains(UInt8(ascii: ":")) else { throw Self.passwordInAddress }
            user = String(rest[..<at])
            rest = rest[rest.utf8.index(after: at)...]
        }
        var port: Int?
        let isBracketed = rest.utf8.first == UInt8(ascii: "[")
        let bracket = isBracketed ? rest.utf8.lastIndex(of: UInt8(ascii: "]")) : nil
        let portStart = bracket ?? rest.startIndex
        if allowsPort, let colon = rest[portStart...].utf8.lastIndex(of: UInt8(ascii: ":")) {
            guard let number = Int(rest[rest.utf8.index(after: colon)...]), (1...65_535).contains(number)
            else {
                throw .usage("\(shown): the port is not a number between 1 and 65535")
            }
            port = number
            rest = rest[..<colon]
        }
        if isBracketed {
            guard bracket != nil, rest.utf8.last == UInt8(ascii: "]") else {
                throw .usage("\(shown): the bracket around the address is not closed")
            }
            rest = rest.dropFirst().dropLast()
        }
        guard Self.isHost(rest, allowsColon: isBracketed), user.map({ Self.isUser($0) }) ?? true else {
            throw .usage(
                "\(shown): not a usable user and host: letters, digits, dots, dashes and underscores, not beginning "
                    + "with a dash"
            )
        }
        self.init(user: user, name: String(rest), port: port)
    }

    fileprivate static let passwordInAddress = CollectorError.usage(
        "an address holds a password, which every process list would show; put it into a file with mode 0600 and "
            + "name that as password_file in hosts.yaml"
    )

    /// What may be shown of an address: nothing before the last `@` where a password might stand there.
    fileprivate static func withoutPassword(_ text: String) -> String {
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return text }
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let mayHoldOne = start < at && text[start..<at].utf8.contains(UInt8(ascii: ":"))
        return mayHoldOne ? "…" + text[at...] : text
    }

    private static func isHost(_ text: Substring, allowsColon: Bool) -> Bool {
        isPlain(text, also: allowsColon ? ":%" : "")
    }

    private static func isUser(_ text: String) -> Bool { isPlain(text[...], also: "+") }

    /// Whether a shell, ssh and a known_hosts file all take the text as one plain word.
    private static func isPlain(_ text: Substring, also extra: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-"), text.utf8.count <= 255 else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
                || extra.utf8.contains(byte)
        }
    }
}

extension Location: CustomStringConvertible {
    /// As it would be written, without a user where there was none.
    public var description: String {
        let end = hasTrailingSlash && path != "/" ? "/" : ""
        switch scheme {
        case .local: return path + end
        case .host(let host): return "\(host):\(path)\(end)"
        case .sftp(let host): return "sftp://\(host)\(path)\(end)"
        case .http(let origin): return "\(origin)\(path)\(end)"
        }
    }
}

extension Location.HostReference: CustomStringConvertible {
    /// `user@host:port`, with only what is known.
    public var description: String {
        let host = name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]" : name
        return (user.map { $0 + "@" } ?? "") + host + (port.map { ":\($0)" } ?? "")
    }
}

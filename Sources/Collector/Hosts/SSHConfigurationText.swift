import Foundation

/// The text of a private ssh_config: one block for each host on the way, and nothing left to chance.
///
/// Hosts appear under aliases of ours (`voxsite-0` is the target, `voxsite-1` the jump host before it), because
/// ssh folds and splits names in places; the aliases are put back into people's names in messages.
///
/// Source: ssh_config(5) of OpenSSH 9.2.
struct SSHConfigurationText {
    let host: ResolvedHost
    let folder: String
    let connectSeconds: Double

    /// What ssh calls the host so many hops before the target.
    static func alias(_ index: Int) -> String { "voxsite-\(index)" }

    /// The hosts in the order of their aliases: the target first.
    static func chain(_ host: ResolvedHost) -> [KnownHost] { [host.host] + host.jumps.reversed() }

    /// The configuration file.
    func configuration() throws(CollectorError) -> String {
        var text = ""
        let chain = Self.chain(host)
        for (index, known) in chain.enumerated() {
            let jump = index + 1 < chain.count ? Self.alias(index + 1) : "none"
            text += try block(known, alias: Self.alias(index), jump: jump)
        }
        let seconds = connectSeconds.isFinite ? max(1, min(86_400, connectSeconds.rounded(.up))) : 86_400
        return text + """
            Host *
            StrictHostKeyChecking yes
            UserKnownHostsFile "\(Self.escaped(folder))/known_hosts"
            GlobalKnownHostsFile none
            UpdateHostKeys no
            CheckHostIP no
            VerifyHostKeyDNS no
            CanonicalizeHostname no
            HostbasedAuthentication no
            GSSAPIAuthentication no
            NumberOfPasswordPrompts 1
            AddKeysToAgent no
            ForwardAgent no
            ForwardX11 no
            PermitLocalCommand no
            RequestTTY no
            EscapeChar none
            ConnectTimeout \(Int(seconds))
            ConnectionAttempts 1
            ServerAliveInterval 5
            ServerAliveCountMax 3
            LogLevel ERROR

            """
    }

    /// The pinned keys, each for its alias alone.
    func knownHosts() -> String {
        Self.chain(host).enumerated().map { index, known in
            known.keys.map { "\(Self.alias(index)) \($0)\n" }.joined()
        }.joined()
    }

    private func block(
        _ known: KnownHost,
        alias: String,
        jump: String
    ) throws(CollectorError) -> String {
        let hasSecret = known.passwordFile != nil || known.passphraseFile != nil
        var lines = [
            "Host \(alias)",
            "HostName \(Self.escaped(known.address))",
            "Port \(known.port)",
            "User \(known.user ?? NSUserName())",
            "HostKeyAlias \(alias)",
            "HostKeyAlgorithms \(Self.algorithms(of: known))",
            "ProxyJump \(jump)",
            // Batch mode would not even ask the helper that reads the 0600 file.
            "BatchMode \(hasSecret ? "no" : "yes")",
            "PreferredAuthentications publickey"
                + (known.passwordFile != nil ? ",password,keyboard-interactive" : ""),
        ]
        if let identity = known.identityFile {
            lines.append("IdentityFile \"\(try Self.quotable(identity, of: known))\"")
            lines.append("IdentitiesOnly yes")
        }
        if !known.usesAgent { lines.append("IdentityAgent none") }
        if jump == "none", alias == Self.alias(0) || host.jumps.count > 0 {
            lines.append("ProxyCommand none")
        }
        lines.append(
            alias == Self.alias(0) ? "ControlPath \"\(Self.escaped(folder))/m\"" : "ControlPath none"
        )
        return lines.joined(separator: "\n") + "\n\n"
    }

    /// The algorithms by which the pinned keys prove themselves; any other makes ssh hang up.
    private static func algorithms(of known: KnownHost) -> String {
        known.keys.flatMap { $0.algorithm == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [$0.algorithm] }
            .joined(separator: ",")
    }

    /// Percent signs begin what ssh replaces.
    private static func escaped(_ text: String) -> String { text.replacing("%", with: "%%") }

    private static func quotable(_ path: String, of known: KnownHost) throws(CollectorError) -> String {
        guard !path.contains(where: { $0 == "\"" || $0 == "\\" }), !path.contains("${") else {
            throw .configuration(
                file: "hosts.yaml",
                line: nil,
                reason: "\(known.name): ssh cannot take a path with quotes, backslashes or ${ in it: \(path)"
            )
        }
        return escaped(path)
    }
}

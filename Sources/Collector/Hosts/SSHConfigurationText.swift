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
    /// Whether the target's key is asked for: it is then written to `offered`, trusted by nobody.
    var asksForKey = false
    /// Whether ssh compresses.
    var compresses = false
    /// Whether this processor has instructions for AES.
    var hasFastAES = Self.processorHasAES

    /// ssh's own favourite, ChaCha20, takes twice as long where the processor has instructions for AES.
    private static let processorHasAES: Bool = {
        // A line of words, called `flags` or `Features`; an odd file means that ssh keeps its own order.
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return text.split(separator: "\n")
            .contains { line in
                (line.hasPrefix("flags") || line.hasPrefix("Features"))
                    && line.split(separator: " ").contains("aes")
            }
    }()

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
            let isAsked = asksForKey && index == 0
            text +=
                try isAsked ? question(known, jump: jump) : block(known, alias: Self.alias(index), jump: jump)
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
            Compression \(compresses ? "yes" : "no")
            \(hasFastAES ? "Ciphers ^aes128-gcm@openssh.com,aes256-gcm@openssh.com" : "# Ciphers: ssh's own order")
            ConnectTimeout \(Int(seconds))
            ConnectionAttempts 1
            ServerAliveInterval 5
            ServerAliveCountMax 3
            LogLevel INFO

            """
    }

    /// The pinned keys, each for its alias alone.
    func knownHosts() -> String {
        Self.chain(host).enumerated().map { index, known in
            known.keys.map { "\(Self.alias(index)) \($0)\n" }.joined()
        }.joined()
    }

    /// The target's block when its key is asked for: no credential of ours is shown to it.
    private func question(_ known: KnownHost, jump: String) -> String {
        """
        Host \(Self.alias(0))
        HostName \(Self.escaped(known.address))
        Port \(known.port)
        User \(known.user ?? NSUserName())
        HostKeyAlias \(Self.alias(0))
        HostKeyAlgorithms ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,\
        rsa-sha2-512,rsa-sha2-256
        ProxyJump \(jump)
        BatchMode yes
        PreferredAuthentications none
        PubkeyAuthentication no
        IdentityAgent none
        StrictHostKeyChecking accept-new
        UserKnownHostsFile "\(Self.escaped(folder))/offered"
        HashKnownHosts no
        ControlPath none


        """
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
        // Only the target's connection is shared; a jump host's lives and dies with it.
        let isShared = alias == Self.alias(0) && !asksForKey
        lines.append("ControlPath " + (isShared ? "\"\(Self.escaped(folder))/m\"" : "none"))
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

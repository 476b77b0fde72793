/// Reads out of ssh's words why it failed.
///
/// ssh tells its own failures by exit status 255 and a sentence on the standard error, and by nothing else.
/// Source: sshconnect.c, sshconnect2.c, packet.c and clientloop.c of OpenSSH 9.2.
struct SSHDiagnosis {
    /// The way that was taken.
    let host: ResolvedHost
    /// The time a connection was allowed.
    let connectSeconds: Double

    /// The reason for a connection that did not come to be, or that broke.
    ///
    /// - Parameters:
    ///   - errors: the standard error.
    ///   - subject: what was under way, once the connection stood; nil before that.
    /// - Returns: the error.
    func error(_ errors: String, during subject: String? = nil) -> CollectorError {
        let lines = errors.split(whereSeparator: \.isNewline).map { RemoteText.readable($0) }
            .filter { !$0.isEmpty }
        if let changed = keyChange(lines) { return changed }
        if let refused = authentication(lines) { return refused }
        // What an outer ssh says when the one before it failed adds nothing.
        let telling = lines.filter { !$0.contains("UNKNOWN port") } + lines.suffix(1)
        let reason = telling.first.map { shown($0) } ?? "ssh ended without a reason"
        if let subject { return .stream(subject, reason: reason) }
        if lines.contains(where: { $0.contains("timed out") || $0.contains("Timeout, server") }) {
            return .connectTimeout(host: host.host.name, seconds: connectSeconds)
        }
        return .connection(host: (telling.first.flatMap { named($0) } ?? host.host).name, reason: reason)
    }

    private func keyChange(_ lines: [String]) -> CollectorError? {
        let hasChanged = lines.contains {
            $0.contains("REMOTE HOST IDENTIFICATION HAS CHANGED")
                || $0.hasPrefix("Host key verification failed")
        }
        if hasChanged {
            let start = lines.firstIndex { $0.hasPrefix("The fingerprint for the ") }
            let line = start.flatMap { lines.indices.contains($0 + 1) ? lines[$0 + 1] : nil }
            let offered = line.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
            let verdict = lines.first {
                $0.hasPrefix("Host key for ") || $0.contains(" host key is known for ")
            }
            let known = verdict.flatMap { named($0) } ?? host.host
            return .hostKeyChanged(
                host: known.name,
                pinned: known.fingerprints,
                offered: offered ?? "a key of another kind"
            )
        }
        guard let line = lines.first(where: { $0.contains("no matching host key type found") }) else {
            return nil
        }
        // The host has no key of the pinned kind any more; ssh names it by its address, if it knows that.
        let known = line.contains("UNKNOWN port") ? host.host : (host.jumps.first ?? host.host)
        let offer = line.firstRange(of: "Their offer: ").map { String(line[$0.upperBound...]) }
        return .hostKeyChanged(
            host: known.name,
            pinned: known.fingerprints,
            offered: "no such key, only \(offer ?? "others")"
        )
    }

    private func authentication(_ lines: [String]) -> CollectorError? {
        let signs = [
            "Permission denied (", "Too many authentication failures", "No supported authentication",
        ]
        guard let line = lines.first(where: { line in signs.contains { line.contains($0) } }) else {
            return nil
        }
        // What stands before it is the account, which is no business of a log.
        let denied = line.firstRange(of: "Permission denied").map { String(line[$0.lowerBound...]) } ?? line
        let keySigns = ["Load key ", "sign_and_send_pubkey", "UNPROTECTED PRIVATE KEY", "no such identity"]
        let key = lines.first { line in keySigns.contains { line.contains($0) } }
        let reason = [key, denied].compactMap { $0 }.map { shown($0) }.joined(separator: "; ")
        return .authentication(host: (named(line) ?? host.host).name, reason: reason)
    }

    /// The host whose alias is in a line.
    private func named(_ line: String) -> KnownHost? {
        let chain = SSHConfigurationText.chain(host)
        return chain.indices.reversed().first { line.contains(SSHConfigurationText.alias($0)) }.map {
            chain[$0]
        }
    }

    /// A line with people's names for hosts.
    private func shown(_ line: String) -> String {
        var text = line
        for (index, known) in SSHConfigurationText.chain(host).enumerated().reversed() {
            text.replace(SSHConfigurationText.alias(index), with: known.name)
        }
        return text
    }
}

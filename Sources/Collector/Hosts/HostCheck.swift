import Files

/// What a known host answers: for people who set one up, or wonder why it is slow.
public struct HostCheck: Sendable {
    /// One thing that was tried.
    public struct Finding: Sendable {
        /// `exec`, `sftp`, or a tool.
        public let subject: String
        /// Whether it answers.
        public let isGood: Bool
        /// What it said, or why not.
        public let detail: String
    }

    /// All findings, in the order they were made.
    public let findings: [Finding]
    /// Whether files can be carried from it.
    public var isUsable: Bool { findings.contains { $0.isGood && ["exec", "sftp"].contains($0.subject) } }

    /// Connects to a host in every way.
    ///
    /// - Parameters:
    ///   - name: of a known host.
    ///   - hosts: those that are known.
    ///   - timeouts: how long to wait.
    /// - Returns: what answers.
    /// - Throws: ``CollectorError/hostUnknown(_:)``, and ``CollectorError/hostKeyChanged(host:pinned:offered:)``.
    public static func run(
        _ name: String,
        hosts: HostDirectory,
        timeouts: TransferTimeouts = TransferTimeouts()
    ) async throws -> HostCheck {
        let reference = try Location.HostReference(name, allowsPort: true)
        _ = try hosts.resolve(reference)
        var findings: [Finding] = []
        for (subject, preference) in [("exec", ChannelPreference.exec), ("sftp", .sftp)] {
            let opener = TransportOpener(hosts: hosts, timeouts: timeouts, preference: preference)
            let clock = ContinuousClock()
            do {
                let start = clock.now
                let transport = try await opener.open(Location(scheme: .host(reference), path: "."))
                let connected = clock.now
                _ = try await transport.status(of: [RelativePath(validating: ".voxsite-answer")])
                let (setup, answer) = (start.duration(to: connected), connected.duration(to: clock.now))
                let detail = "connected in \(text(setup)), answers in \(text(answer))"
                findings.append(Finding(subject: subject, isGood: true, detail: detail))
                if let exec = transport as? SSHExecTransport { findings += tools(exec) }
                await transport.close()
            } catch let error as CollectorError {
                if case .hostKeyChanged = error { throw error }
                findings.append(Finding(subject: subject, isGood: false, detail: "\(error)"))
            }
        }
        return HostCheck(findings: findings)
    }

    private static func tools(_ transport: SSHExecTransport) -> [Finding] {
        let wanted: [(SSHRemoteTools, String, String)] = [
            (.find, "find -printf", "fine times and one-step lists; without it, stat does it more slowly"),
            (.stat, "stat -c", "needed to write, and to look at files where find -printf is missing"),
            (.sha256sum, "sha256sum", "verifies checkpoints without carrying them twice"),
            (.dd, "dd by bytes", "needed to write; reads at an offset"),
            (.nofollow, "dd nofollow", "refuses links in the moment of opening"),
            (.truncate, "truncate", "needed to write"),
            (.gzip, "gzip", "logs come compressed"),
            (.cksum, "cksum", "what was collected is compared quickly after a new connection"),
        ]
        return wanted.map { Finding(subject: $0.1, isGood: transport.tools.contains($0.0), detail: $0.2) }
    }

    private static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
    }
}

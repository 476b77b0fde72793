import Files
public import Foundation

/// The hosts we know, from hosts.yaml: nothing else is ever connected to over ssh.
public struct HostDirectory: Sendable {
    /// Where the hosts are written down.
    public let file: String
    /// By name.
    public let hosts: [String: KnownHost]

    /// Puts hosts together.
    ///
    /// - Parameters:
    ///   - hosts: each with a name of its own.
    ///   - file: where they are written down, for messages.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)``: a name twice, a jump host that is not
    ///   there or leads back to itself.
    public init(_ hosts: [KnownHost], file: String = "hosts.yaml") throws(CollectorError) {
        var named: [String: KnownHost] = [:]
        for host in hosts {
            guard named.updateValue(host, forKey: host.name) == nil else {
                throw .configuration(file: file, line: nil, reason: "the host \(host.name) is there twice")
            }
        }
        self.hosts = named
        self.file = file
        for host in hosts { _ = try route(to: host) }
    }

    /// Reads hosts.yaml.
    ///
    /// - Parameter file: its path; where nothing is there, no host is known.
    /// - Throws: ``CollectorError/configuration(file:line:reason:)`` with the line of what is wrong; also where
    ///   others may write the file.
    public init(contentsOf file: String) throws(CollectorError) {
        guard FileIdentity.find(file, followingSymbolicLinks: false) != nil else {
            try self.init([], file: file)
            return
        }
        try self.init(HostFile.parse(HostFile.text(of: file), file: file), file: file)
    }

    /// Where hosts.yaml is.
    ///
    /// - Parameters:
    ///   - given: what `--hosts` names.
    ///   - environment: for `VOXSITE_HOSTS` and `XDG_CONFIG_HOME`.
    /// - Returns: the first that is given: `--hosts`, `VOXSITE_HOSTS`, `voxsite/hosts.yaml` below
    ///   `XDG_CONFIG_HOME` or else `~/.config`.
    public static func defaultFile(
        given: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        if let named = given ?? environment["VOXSITE_HOSTS"], !named.isEmpty { return HomePath.expand(named) }
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") {
            return base + "/voxsite/hosts.yaml"
        }
        return HomePath.expand("~/.config/voxsite/hosts.yaml")
    }

    /// Finds the host that is meant, and the way to it.
    ///
    /// A name from hosts.yaml, or an address that stands there. A user or port that is written with it goes
    /// before those of hosts.yaml; the pinned keys stay the same, so no other machine can answer.
    ///
    /// - Parameter reference: what was written.
    /// - Returns: the host and its jump hosts.
    /// - Throws: ``CollectorError/hostUnknown(_:)``; ``CollectorError/usage(_:)`` where several have the address.
    public func resolve(_ reference: Location.HostReference) throws(CollectorError) -> ResolvedHost {
        let candidates = hosts[reference.name].map { [$0] } ?? hosts(at: reference)
        guard var host = candidates.first else { throw .hostUnknown(reference.description) }
        guard candidates.count == 1 else {
            let names = candidates.map(\.name).sorted().joined(separator: ", ")
            throw .usage(
                "\(reference): several hosts of \(file) have this address: \(names); write one of these names"
            )
        }
        if let user = reference.user { host.user = user }
        if let port = reference.port { host.port = port }
        return ResolvedHost(host: host, jumps: try route(to: host))
    }

    /// The hosts whose address is written out.
    private func hosts(at reference: Location.HostReference) -> [KnownHost] {
        hosts.values.filter {
            $0.address == reference.name && (reference.port == nil || reference.port == $0.port)
                && (reference.user == nil || reference.user == $0.user)
        }
    }

    /// The jump hosts before a host, nearest to us first.
    private func route(to host: KnownHost) throws(CollectorError) -> [KnownHost] {
        var route: [KnownHost] = []
        var next = host.jump
        while let name = next {
            guard let jump = hosts[name] else {
                throw .configuration(
                    file: file,
                    line: nil,
                    reason: "the jump host \(name) of \(host.name) is not there; add it first: "
                        + "voxsite hosts add \(name) user@host:port"
                )
            }
            guard name != host.name, !route.contains(where: { $0.name == name }) else {
                throw .configuration(
                    file: file,
                    line: nil,
                    reason: "the jump hosts of \(host.name) form a circle"
                )
            }
            route.insert(jump, at: 0)
            next = jump.jump
        }
        return route
    }
}

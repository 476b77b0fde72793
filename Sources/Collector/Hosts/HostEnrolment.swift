import Files

/// A key that a host offers, before anybody trusts it.
public struct HostKeyOffer: Sendable {
    /// What the host is to be called.
    public let name: String
    /// `user@host:port`.
    public let address: String
    /// `ssh-ed25519`.
    public let algorithm: String
    /// `SHA256:…`, to be compared with what the host itself says: `ssh-keygen -lf` of its key.
    public let fingerprint: String
}

/// Brings hosts into hosts.yaml, and out of it; the only place where trust begins.
///
/// Nothing is ever accepted by itself: a fingerprint was given beforehand, or a person says yes to the one that
/// is shown.
public struct HostEnrolment: Sendable {
    private let file: String
    private let timeouts: TransferTimeouts
    private let confirm: (@Sendable (HostKeyOffer) async -> Bool)?

    /// - Parameters:
    ///   - file: hosts.yaml.
    ///   - timeouts: how long to wait for hosts.
    ///   - confirm: shows a key to a person and asks; nil where nobody is there.
    public init(
        file: String,
        timeouts: TransferTimeouts = TransferTimeouts(),
        confirm: (@Sendable (HostKeyOffer) async -> Bool)?
    ) {
        self.file = file
        self.timeouts = timeouts
        self.confirm = confirm
    }

    /// What is wanted of a new host.
    public struct Request: Sendable {
        /// What it is to be called.
        public var name: String
        /// Where it is.
        public var address: Location.HostReference
        /// The name of a known host, or `user@host:port` of one to be added as `NAME-jump`.
        public var jump: String?
        /// The fingerprint it must have; nil to ask.
        public var fingerprint: String?
        /// That of a jump host that is added, too.
        public var jumpFingerprint: String?
        /// The private key's file.
        public var identity: String?

        /// - Parameters:
        ///   - name: what it is to be called.
        ///   - address: where it is.
        ///   - jump: the host before it.
        ///   - fingerprint: the one it must have.
        ///   - jumpFingerprint: that of a jump host that is added, too.
        ///   - identity: the private key's file.
        public init(
            name: String,
            address: Location.HostReference,
            jump: String? = nil,
            fingerprint: String? = nil,
            jumpFingerprint: String? = nil,
            identity: String? = nil
        ) {
            self.name = name
            self.address = address
            self.jump = jump
            self.fingerprint = fingerprint
            self.jumpFingerprint = jumpFingerprint
            self.identity = identity
        }
    }

    /// Adds a host, and the jump host before it where that is new.
    ///
    /// - Parameter request: which.
    /// - Returns: the hosts that were added, in their order; none where all was known already.
    /// - Throws: ``CollectorError``: ``CollectorError/refused(_:reason:)`` where nobody says yes,
    ///   ``CollectorError/hostKeyChanged(host:pinned:offered:)`` where the name has another key.
    public func add(_ request: Request) async throws -> [KnownHost] {
        guard HostFile.isName(request.name) else {
            throw CollectorError.usage(
                "\(request.name): a host's name is made of letters, digits, dots, dashes and underscores"
            )
        }
        var added: [KnownHost] = []
        var jumpName = request.jump
        if let jump = request.jump, try directory().hosts[jump] == nil {
            let address = try Location.HostReference(jump, allowsPort: true)
            guard address.user != nil || address.port != nil || address.name.contains(".") else {
                throw CollectorError.hostUnknown(jump)
            }
            let name = request.name + "-jump"
            let before = Request(
                name: name,
                address: address,
                fingerprint: request.jumpFingerprint,
                identity: request.identity
            )
            if let host = try await addOne(before, jump: nil, option: "--jump-fingerprint", for: request) {
                added.append(host)
            }
            jumpName = name
        }
        if let host = try await addOne(request, jump: jumpName, option: "--fingerprint", for: request) {
            added.append(host)
        }
        return added
    }

    /// Forgets a host.
    ///
    /// - Parameter name: which.
    /// - Returns: what it was.
    /// - Throws: ``CollectorError/hostUnknown(_:)``; where others go through it,
    ///   ``CollectorError/configuration(file:line:reason:)``.
    public func remove(_ name: String) throws(CollectorError) -> KnownHost {
        let directory = try directory()
        guard let host = directory.hosts[name] else { throw .hostUnknown(name) }
        if let other = directory.hosts.values.first(where: { $0.jump == name }) {
            throw .configuration(file: file, line: nil, reason: "\(other.name) goes through \(name)")
        }
        try edit { text throws(CollectorError) in try HostFileEditor(text: text, file: file).removing(name) }
        return host
    }

    /// Gives a host another address, if a machine with its pinned key answers there.
    ///
    /// - Parameters:
    ///   - name: which.
    ///   - address: where it is now; without a user, the old one stays.
    /// - Returns: what it is now.
    /// - Throws: ``CollectorError/hostKeyChanged(host:pinned:offered:)`` where another machine answers.
    public func move(_ name: String, to address: Location.HostReference) async throws -> KnownHost {
        let directory = try directory()
        guard let old = directory.hosts[name] else { throw CollectorError.hostUnknown(name) }
        var target = address
        target.user = address.user ?? old.user
        var host = old
        host.user = target.user
        host.address = target.name
        host.port = target.port ?? 22
        var resolved = try directory.resolve(Location.HostReference(name: name))
        resolved.host = host
        let key = try await HostKeyQuestion.ask(resolved, timeouts: timeouts)
        guard host.keys.contains(key) else {
            throw CollectorError.hostKeyChanged(
                host: name,
                pinned: host.fingerprints,
                offered: key.fingerprint
            )
        }
        try edit { text throws(CollectorError) in
            try HostFileEditor(text: text, file: file).moving(name, to: target)
        }
        return host
    }

    private func addOne(
        _ one: Request,
        jump: String?,
        option: String,
        for request: Request
    ) async throws -> KnownHost? {
        let directory = try directory()
        var host = KnownHost(
            name: one.name,
            user: one.address.user,
            address: one.address.name,
            port: one.address.port ?? 22,
            jump: jump,
            keys: [],
            identityFile: one.identity.map { HomePath.absolute($0) }
        )
        var jumps: [KnownHost] = []
        if let jump {
            let resolved = try directory.resolve(Location.HostReference(name: jump))
            jumps = resolved.jumps + [resolved.host]
        }
        let key = try await HostKeyQuestion.ask(ResolvedHost(host: host, jumps: jumps), timeouts: timeouts)
        if let known = directory.hosts[one.name] {
            guard known.keys.contains(key) else {
                throw CollectorError.hostKeyChanged(
                    host: one.name,
                    pinned: known.fingerprints,
                    offered: key.fingerprint
                )
            }
            guard known.writtenAddress == host.writtenAddress else {
                throw CollectorError.usage(
                    "\(one.name) is known at \(known.writtenAddress); to change that: voxsite hosts move "
                        + "\(one.name) \(host.writtenAddress)"
                )
            }
            return nil
        }
        try await trust(key, of: host, given: one.fingerprint, option: option, for: request)
        host.keys = [key]
        let stored = host
        try edit { text throws(CollectorError) in try HostFileEditor(text: text, file: file).adding(stored) }
        return host
    }

    /// Returns only where the key is the one that was named, or a person says yes to it.
    private func trust(
        _ key: HostKey,
        of host: KnownHost,
        given: String?,
        option: String,
        for request: Request
    ) async throws {
        if let given {
            var expected = given[...]
            while expected.last == "=" { expected.removeLast() }
            guard expected == key.fingerprint else {
                throw CollectorError.refused(
                    host.name,
                    reason:
                        "it is not trusted: it shows \(key.fingerprint), and \(given) was given; ask the machine itself: "
                        + "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
                )
            }
            return
        }
        guard let confirm else {
            throw CollectorError.refused(
                host.name,
                reason:
                    "it is not trusted: nobody is here to compare its key \(key.fingerprint) (\(key.algorithm)) with the one of "
                    + "the machine itself; if they are the same, run:\n  "
                    + command(request, option, key.fingerprint)
            )
        }
        let offer = HostKeyOffer(
            name: host.name,
            address: host.writtenAddress,
            algorithm: key.algorithm,
            fingerprint: key.fingerprint
        )
        guard await confirm(offer) else {
            throw CollectorError.refused(
                host.name,
                reason: "it is not trusted: its key \(key.fingerprint) was not confirmed"
            )
        }
    }

    /// What to type to add the host with what was shown.
    private func command(_ request: Request, _ option: String, _ fingerprint: String) -> String {
        var request = request
        if option == "--fingerprint" {
            request.fingerprint = fingerprint
        } else {
            request.jumpFingerprint = fingerprint
        }
        var words = ["voxsite", "hosts", "add", request.name, request.address.description]
        for (name, value) in [
            ("--jump", request.jump), ("--jump-fingerprint", request.jumpFingerprint),
            ("--fingerprint", request.fingerprint), ("--identity", request.identity), ("--hosts", file),
        ] {
            guard let value else { continue }
            let isPlain = value.utf8.allSatisfy { $0 > 0x2A && $0 < 0x7B && !";<>?[\\]`".utf8.contains($0) }
            words += [name, isPlain ? value : ShellWord.quote(value)]
        }
        return words.joined(separator: " ")
    }

    private func directory() throws(CollectorError) -> HostDirectory { try HostDirectory(contentsOf: file) }

    /// Changes the file in one step; what others wrote meanwhile is not lost.
    private func edit(_ change: (String) throws(CollectorError) -> String) throws(CollectorError) {
        func current() throws(CollectorError) -> String {
            FileIdentity.find(file) == nil ? "" : try HostFile.text(of: file)
        }
        let before = try current()
        let after = try change(before)
        do throws(FilesError) {
            try FileSystem.createDirectories(FileSystem.folder(of: file), mode: 0o700)
        } catch { throw .file(error) }
        guard try current() == before else {
            throw .configuration(
                file: file,
                line: nil,
                reason: "somebody else changed it; run the command again"
            )
        }
        do { try PrivateFile.replace(file, by: after) } catch { throw .file(error) }
    }
}

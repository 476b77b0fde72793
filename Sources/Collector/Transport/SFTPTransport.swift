import CCurl
public import Files

/// A tree of files on an ssh server, read over SFTP with libcurl.
///
/// What SFTP as libcurl speaks it cannot do, and what is done about it:
/// - It follows links wherever it looks. Each folder on the way is listed first, which shows them; a listing is
///   trusted as long as the folder's time has not changed. See ``SFTPFolders``.
/// - Listings show no usable times, so ``ListedFile/status`` has none: ask ``status(of:)``, which is exact to
///   the second and costs four round trips for each file.
/// - A read sees the file as long as it was when the read began.
///
/// Short operations take turns on one connection; reads of more than 8 MiB have a second one.
///
/// Source: draft-ietf-secsh-filexfer-02, libcurl 7.88 lib/vssh/libssh2.c.
public final class SFTPTransport: Transport {
    /// The host's name and the root: `gpu:/root/runs`.
    public let displayName: String

    let connections: CurlConnections
    let folders: SFTPFolders
    private let setup: SFTPConnectionSetup
    /// URL of the root, ending with a slash.
    private let rootURL: String

    /// Checks the keys and secrets; a connection is made when it is first needed.
    ///
    /// - Parameters:
    ///   - endpoint: whom to reach and as whom; it must have pinned keys.
    ///   - root: absolute, or relative to the home folder there; `~/` at its start means that, too.
    ///   - timeouts: for connecting and for silence.
    ///   - bytesPerSecond: at most, both connections together; nil for as fast as it goes.
    ///   - compresses: whether ssh compresses all that goes over the connections.
    /// - Throws: ``CollectorError/hostUnknown(_:)`` without a pinned key, and
    ///   ``CollectorError/configuration(file:line:reason:)`` for a key or secret that others can read.
    public init(
        endpoint: SSHEndpoint,
        root: String,
        timeouts: TransferTimeouts = TransferTimeouts(),
        bytesPerSecond: Int? = nil,
        compresses: Bool = false
    ) throws(CollectorError) {
        let setup = try SFTPConnectionSetup(
            endpoint: endpoint,
            timeouts: timeouts,
            bytesPerSecond: bytesPerSecond,
            compresses: compresses
        )
        self.setup = setup
        displayName = "\(endpoint.name):\(root)"
        rootURL = try setup.origin + Self.urlPath(ofRoot: root)
        connections = CurlConnections(
            peer: endpoint.name,
            timeouts: timeouts,
            bytesPerSecond: bytesPerSecond,
            makeHandle: { try setup.makeHandle() }
        )
        folders = SFTPFolders()
    }

    /// Lists folders, and nothing more: no inode numbers, no fine times, no hashes.
    public var capabilities: TransportCapabilities { .list }

    /// Not possible over SFTP.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - prefix: how many bytes.
    /// - Returns: nothing.
    /// - Throws: ``CollectorError/remoteFile(_:operation:reason:)`` always.
    public func sha256(of path: RelativePath, prefix: Int?) async throws -> SHA256Value {
        throw CollectorError.remoteFile(
            name(path),
            operation: "hash it there",
            reason: "SFTP has no such operation; name the host as host:path, which goes over ssh"
        )
    }

    /// Ends the connections and removes the private files.
    public func close() async {
        await connections.close()
        setup.remove()
    }

    /// What follows `sftp://host:port` for the root: libcurl takes `/~/` as the home folder.
    static func urlPath(ofRoot root: String) throws(CollectorError) -> String {
        guard !root.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
            throw .usage("a folder on a host contains a NUL or a line break")
        }
        var path = root[...]
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        switch path {
        case "", ".", "~": return "/~/"
        case "/": return "/"
        default: break
        }
        if path.hasPrefix("~/") {
            path = path.dropFirst(2)
        } else if path.hasPrefix("~") {
            throw .usage("\(root): the home folder of another user is not supported; write the whole path")
        }
        let encoded = URLPath.encode(path) + "/"
        guard path.hasPrefix("/") else { return "/~/" + encoded }
        // A folder that is really named ~ is shown to libcurl in a spelling that it does not take for home.
        return path.hasPrefix("/~") ? "/" + encoded : encoded
    }
}

extension SFTPTransport {
    /// A file or folder in the words of a message.
    func name(_ path: RelativePath?) -> String {
        guard let path else { return displayName }
        return CurlFailure.printable(path.below(displayName), limit: 600)
    }

    /// The address of a file.
    func url(ofFile path: RelativePath) -> String { rootURL + URLPath.encode(path.string) }

    /// The address of a folder; the slash at its end is what tells libcurl.
    func url(ofFolder path: RelativePath?) -> String {
        path.map { url(ofFile: $0) + "/" } ?? rootURL
    }

    /// Runs a transfer and throws what went wrong with the connection.
    ///
    /// - Returns: how it ended; of failures only those that say something about the file.
    func perform(
        _ request: CurlRequest,
        isLong: Bool = false,
        verdict: @escaping CurlTransfer.Verdict = { _ in .take },
        sink: @escaping ByteSink = { _ in }
    ) async throws -> CurlOutcome {
        let outcome = try await connections.perform(request, isLong: isLong, verdict: verdict, sink: sink)
        if outcome.code == CURLE_PEER_FAILED_VERIFICATION {
            throw CollectorError.hostKeyChanged(
                host: connections.peer,
                pinned: setup.pinnedFingerprints,
                offered: setup.takeRefusedFingerprint() ?? "another key"
            )
        }
        if let failure = Self.negotiationFailure(outcome, peer: connections.peer) { throw failure }
        return outcome
    }
}

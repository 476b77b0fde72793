import CCurl
import Glibc
import Synchronization

/// Makes libcurl handles for one ssh endpoint: whom they trust and how they log in.
final class SFTPConnectionSetup: Sendable {
    private let endpoint: SSHEndpoint
    private let timeouts: TransferTimeouts
    private let bytesPerSecond: Int?
    private let compresses: Bool
    private let knownHosts: KnownHostsFile
    private let check: HostKeyCheck

    /// Checks all that can be checked before there is a connection.
    ///
    /// - Throws: ``CollectorError/hostUnknown(_:)`` without a pinned key, and
    ///   ``CollectorError/configuration(file:line:reason:)`` for a key or secret that others can read.
    init(
        endpoint: SSHEndpoint,
        timeouts: TransferTimeouts,
        bytesPerSecond: Int?,
        compresses: Bool
    ) throws(CollectorError) {
        guard !endpoint.pinnedKeys.isEmpty else { throw .hostUnknown(endpoint.name) }
        guard Self.isPlain(endpoint.address), (1...65_535).contains(endpoint.port) else {
            throw .usage("\(CurlFailure.printable(endpoint.name)): its address or port is not usable")
        }
        try Self.checkSecrets(of: endpoint)
        self.endpoint = endpoint
        self.timeouts = timeouts
        self.bytesPerSecond = bytesPerSecond
        self.compresses = compresses
        knownHosts = try KnownHostsFile(for: endpoint)
        check = HostKeyCheck(pinned: endpoint.pinnedKeys)
    }

    /// `sftp://host:port`, the part of each URL before the path.
    var origin: String {
        let address = endpoint.address
        let isVersion6 = address.utf8.contains(UInt8(ascii: ":"))
        let host = isVersion6 ? "[" + address.split(separator: "%").joined(separator: "%25") + "]" : address
        return "sftp://\(host):\(endpoint.port)"
    }

    /// The fingerprint of a key that was refused since this was last asked.
    func takeRefusedFingerprint() -> String? { check.takeRefused() }

    /// The pinned keys in words.
    var pinnedFingerprints: String { endpoint.pinnedKeys.map(\.fingerprint).joined(separator: " or ") }

    /// Removes the private files.
    func remove() { knownHosts.remove() }

    /// Makes a handle that reaches this endpoint and nobody else.
    ///
    /// - Throws: ``CollectorError/configuration(file:line:reason:)`` for a secret that cannot be read (any more).
    func makeHandle() throws(CollectorError) -> CurlHandle {
        let size = CurlConnections.bufferSize(bytesPerSecond: bytesPerSecond)
        var handle = try CurlHandle.make(protocols: "sftp", bufferSize: size, timeouts: timeouts)
        try handle.set(CURLOPT_PROXY, "")  // a proxy in the environment is meant for the web
        if compresses { try handle.set(CURLOPT_SSH_COMPRESSION, 1) }
        try handle.set(CURLOPT_UNIX_SOCKET_PATH, endpoint.tunnelSocket)
        // The file makes the server show the kind of key that is pinned; the callback decides.
        try handle.set(CURLOPT_SSH_KNOWNHOSTS, knownHosts.path)
        handle.keep(knownHosts)
        try check.attach(to: &handle)
        try setLogin(handle)
        return handle
    }

    private func setLogin(_ handle: borrowing CurlHandle) throws(CollectorError) {
        var methods = Int(VOX_CURLSSH_AUTH_NONE)
        try handle.set(CURLOPT_USERNAME, endpoint.user)
        if let file = endpoint.identityFile {
            methods |= Int(VOX_CURLSSH_AUTH_PUBLICKEY)
            try SecretFile.check(file, purpose: "the private key")
            try handle.set(CURLOPT_SSH_PRIVATE_KEYFILE, file)
            if let passphrase = endpoint.passphraseFile {
                try handle.set(CURLOPT_KEYPASSWD, SecretFile.read(passphrase, purpose: "the passphrase"))
            }
        }
        if endpoint.usesAgent, getenv("SSH_AUTH_SOCK") != nil { methods |= Int(VOX_CURLSSH_AUTH_AGENT) }
        if let file = endpoint.passwordFile {
            // Many servers ask for the password in the keyboard-interactive way only.
            methods |= Int(VOX_CURLSSH_AUTH_PASSWORD | VOX_CURLSSH_AUTH_KEYBOARD)
            try handle.set(CURLOPT_PASSWORD, SecretFile.read(file, purpose: "the password"))
        }
        guard methods != Int(VOX_CURLSSH_AUTH_NONE) else {
            throw .authentication(
                host: endpoint.name,
                reason: "there is nothing to log in with: no identity_file is named and no agent runs"
            )
        }
        try handle.set(CURLOPT_SSH_AUTH_TYPES, methods)
    }

    private static func checkSecrets(of endpoint: SSHEndpoint) throws(CollectorError) {
        if let file = endpoint.identityFile { try SecretFile.check(file, purpose: "the private key") }
        if let file = endpoint.passphraseFile { _ = try SecretFile.read(file, purpose: "the passphrase") }
        if let file = endpoint.passwordFile { _ = try SecretFile.read(file, purpose: "the password") }
    }

    /// Whether an address can stand in a URL and a known_hosts line as it is.
    private static func isPlain(_ address: String) -> Bool {
        guard let first = address.utf8.first, first != UInt8(ascii: "-"), address.utf8.count <= 255 else {
            return false
        }
        return address.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: ".-_:%".utf8.contains(byte)
            }
        }
    }
}

/// Compares the key that a server shows with the pinned ones, byte for byte.
///
/// libcurl calls this whenever it connects, and the answer overrides all else it might think of the key.
private final class HostKeyCheck: Sendable {
    private let pinned: [HostKey]
    private let refused = Mutex<String?>(nil)

    init(pinned: [HostKey]) { self.pinned = pinned }

    func takeRefused() -> String? { refused.withLock { $0.take() } }

    func accepts(_ key: [UInt8]) -> Bool {
        if pinned.contains(where: { $0.blob == key }) { return true }
        let fingerprint = HostKey(blob: key)?.fingerprint ?? "a key of an unknown kind"
        refused.withLock { $0 = fingerprint }
        return false
    }

    func attach(to handle: inout CurlHandle) throws(CollectorError) {
        handle.keep(self)
        try handle.set(CURLOPT_SSH_HOSTKEYDATA, pointer: Unmanaged.passUnretained(self).toOpaque())
        try handle.check(
            vox_curl_set_host_key_callback(handle.pointer, hostKeyCallback),
            "SSH_HOSTKEYFUNCTION"
        )
    }
}

private let hostKeyCallback: curl_sshhostkeycallback = { context, _, key, length in
    guard let context, let key, length > 0, length <= 16_384 else {
        return Int32(CURLKHMATCH_MISMATCH.rawValue)
    }
    let bytes = Array(UnsafeRawBufferPointer(start: key, count: length))
    let isPinned = Unmanaged<HostKeyCheck>.fromOpaque(context).takeUnretainedValue().accepts(bytes)
    return Int32(isPinned ? CURLKHMATCH_OK.rawValue : CURLKHMATCH_MISMATCH.rawValue)
}

import COpenSSL
import Foundation

/// The public key by which an ssh server is recognised.
///
/// Source: RFC 4253 §6.6 for the encoding, `ssh-keygen -l` for the fingerprint.
public struct HostKey: Hashable, Sendable {
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`.
    public let algorithm: String
    /// The key as it is sent over the wire; begins with the algorithm's name.
    public let blob: [UInt8]

    /// Reads the two middle columns of a known_hosts line or the first two of a `.pub` file.
    ///
    /// Nil unless the key is of a known algorithm and says so itself.
    ///
    /// - Parameter text: `ssh-ed25519 AAAAC3…`, perhaps with a comment behind it.
    public init?(_ text: some StringProtocol) {
        let fields = text.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count >= 2, Self.algorithms.contains(String(fields[0])),
            let data = Data(base64Encoded: String(fields[1]))
        else { return nil }
        self.init(algorithm: String(fields[0]), blob: Array(data))
    }

    /// Takes a key as a server sent it; nil unless it is of a known algorithm and says so itself.
    ///
    /// - Parameters:
    ///   - algorithm: its name; nil to read it off the key.
    ///   - blob: the key.
    public init?(algorithm: String? = nil, blob: [UInt8]) {
        guard blob.count >= 4, blob.count <= 16_384 else { return nil }
        let length = blob[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= 64, blob.count > 4 + length else { return nil }
        let name = String(decoding: blob[4..<4 + length], as: UTF8.self)
        guard Self.algorithms.contains(name), algorithm == nil || algorithm == name else { return nil }
        self.algorithm = name
        self.blob = blob
    }

    /// Best first: what is asked for when a host is enrolled.
    public static let algorithms = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
    ]

    /// The key in base64, as known_hosts has it.
    public var base64: String { Data(blob).base64EncodedString() }

    /// `SHA256:` and 43 characters, as `ssh-keygen -l` prints it.
    public var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: 32)
        let status = EVP_Digest(blob, blob.count, &digest, nil, EVP_sha256(), nil)
        precondition(status == 1, "libcrypto refuses to hash")
        let text = Data(digest).base64EncodedString()
        return "SHA256:" + text.prefix { $0 != "=" }
    }
}

extension HostKey: CustomStringConvertible {
    /// `ssh-ed25519 AAAAC3…`: what a known_hosts line has behind the host.
    public var description: String { "\(algorithm) \(base64)" }
}

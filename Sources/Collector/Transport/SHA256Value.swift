import COpenSSL
package import Files

/// A SHA-256, as `sha256sum` prints it.
///
/// Source: FIPS 180-4.
public struct SHA256Value: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// Reads what a program or a file claims to be a SHA-256.
    ///
    /// - Parameter hex: text from anywhere; nil comes back unless it is 64 hexadecimal digits.
    public init?(hex: some StringProtocol) {
        let bytes = Array(hex.utf8)
        let isHexadecimal = bytes.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
        }
        guard bytes.count == 64, isHexadecimal else { return nil }
        self.hex = String(hex).lowercased()
    }

    /// Hashes bytes in memory.
    ///
    /// - Parameter bytes: any array, empty too.
    public init(hashing bytes: [UInt8]) {
        var hasher = SHA256Hasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        self = hasher.finish()
    }

    /// Hashes an open file from its start, in pieces of a mebibyte.
    ///
    /// - Parameters:
    ///   - file: open for reading; its position does not matter.
    ///   - prefix: how many bytes; nil for all.
    /// - Throws: `FilesError`.
    package init(hashing file: borrowing OpenFile, prefix: Int? = nil) throws(FilesError) {
        var hasher = SHA256Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let wanted = min(buffer.count, (prefix ?? .max) - offset)
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let count = wanted > 0 ? try file.read(into: part, at: offset) : 0
            if count == 0 { break }
            hasher.update(UnsafeRawBufferPointer(rebasing: part[..<count]))
            offset += count
        }
        self = hasher.finish()
    }

    fileprivate init(digest: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        hex = String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }

    /// The 32 bytes that the digits spell.
    var bytes: [UInt8] {
        let digits = Array(hex.utf8).map { $0 >= 0x61 ? $0 - 0x57 : $0 - 0x30 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Reads the digits.
    ///
    /// - Parameter decoder: holds one string.
    /// - Throws: `DecodingError` unless it is 64 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = SHA256Value(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256")
        }
        self = value
    }

    /// Writes the digits as one string.
    ///
    /// - Parameter encoder: gets one string.
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }

    /// The same as ``hex``.
    public var description: String { hex }
}

/// Computes a SHA-256 piece by piece, with the processor's own instructions where it has them.
package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto has no memory for a SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(status == 1, "libcrypto refuses to hash")
    }

    /// The hash of all bytes; the hasher is used up.
    package consuming func finish() -> SHA256Value {
        var digest = [UInt8](repeating: 0, count: 32)
        let status = EVP_DigestFinal_ex(context, &digest, nil)
        precondition(status == 1, "libcrypto refuses to finish a hash")
        return SHA256Value(digest: digest)
    }
}

// The context is a plain heap object that one owner at a time uses.
extension SHA256Hasher: @unchecked Sendable {}

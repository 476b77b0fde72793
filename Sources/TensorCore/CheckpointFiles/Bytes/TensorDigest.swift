import CDeflate
import COpenSSL

/// Checksums of memory, by the libraries that do nothing else.
enum TensorDigest {
    /// The CRC-32 of zip archives.
    ///
    /// Source: APPNOTE.TXT 4.4.7.
    static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        unsafe libdeflate_crc32(0, bytes.baseAddress, bytes.count)
    }

    /// The SHA-256 as 64 lower-case hexadecimal digits.
    ///
    /// Source: FIPS 180-4.
    static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let status = unsafe EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, EVP_sha256(), nil)
        precondition(status == 1 && length == 32, "OpenSSL has no SHA-256")
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }
}

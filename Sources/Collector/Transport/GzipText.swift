import CDeflate
import Files
import Glibc

/// Text that came compressed.
enum GzipText {
    /// How long compressed bytes may be: what cannot be compressed grows by little.
    ///
    /// Source: RFC 1951 section 3.2.4: five bytes for each stored block; gzip's are of several KiB.
    static func lengthLimit(of count: Int) -> Int { count + count / 128 + 256 }

    /// Decompresses a whole gzip file, whose checksum must be right, into memory of bounded size.
    ///
    /// Source: RFC 1952, libdeflate.h.
    ///
    /// - Parameters:
    ///   - bytes: one gzip member, nothing behind it.
    ///   - limit: the most bytes that may come out; what the bytes themselves claim does not count.
    ///   - what: in messages.
    /// - Returns: the text.
    /// - Throws: ``CollectorError/protocolViolation(_:reason:)``.
    static func decompressed(_ bytes: [UInt8], limit: Int, what: String) throws(CollectorError) -> [UInt8] {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw .file(.system(operation: "get memory to decompress it", path: what, code: ENOMEM))
        }
        defer { libdeflate_free_decompressor(decompressor) }
        var (used, status) = (0, LIBDEFLATE_BAD_DATA)
        let text = [UInt8](unsafeUninitializedCapacity: max(1, limit)) { output, count in
            status = bytes.withUnsafeBytes { input in
                libdeflate_gzip_decompress_ex(
                    decompressor,
                    input.baseAddress,
                    input.count,
                    output.baseAddress,
                    max(0, limit),
                    &used,
                    &count
                )
            }
            if status != LIBDEFLATE_SUCCESS { count = 0 }
        }
        switch status {
        case LIBDEFLATE_SUCCESS where used == bytes.count: return text
        case LIBDEFLATE_INSUFFICIENT_SPACE:
            throw .protocolViolation(what, reason: "more came than was asked for")
        default: throw .protocolViolation(what, reason: "what came compressed is damaged")
        }
    }
}

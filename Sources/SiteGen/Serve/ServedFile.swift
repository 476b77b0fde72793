import CDeflate
import Files
import HTTPTypes
import NIOCore

/// One version of one file, with all that an answer needs.
final class ServedFile: Sendable {
    let stamp: FileStamp
    let type: String
    let validators: ConditionalRequest.Validators
    /// The header of a 200.
    let fields: HTTPFields
    /// The contents of a small file; a large one stays on the disk.
    let bytes: ByteBuffer?
    /// Of the contents, where a gzip twin may have to be compared with them.
    let checksum: UInt32?
    /// The checksum and length modulo 2³² that a gzip file states of what it was made from.
    let gzipTrailer: (checksum: UInt32, size: UInt32)?

    var size: Int { stamp.size }

    /// What remembering the file costs, in bytes.
    var cost: Int { (bytes?.readableBytes ?? 0) + 2048 }

    /// Larger files are streamed from the disk.
    static let maximumBytesInMemory = 2 << 20
    /// Beyond this, reading all of a file before the first byte is sent takes too long.
    static let maximumHashedBytes = 256 << 20
    /// One read.
    private static let chunkLength = 1 << 20

    /// How a file is presented.
    struct Presentation: Sendable, Hashable {
        /// Below the site's root.
        let path: String
        /// Whether the file at `path` is sent as the gzip coding of the file without `.gz`.
        let isTwin: Bool
    }

    /// Reads a file; nil where it cannot be read or was changed meanwhile.
    ///
    /// The entity tag is a hash of the contents: of the only chunk, or of the hashes of all chunks of 1 MiB,
    /// so that no file has to be in memory whole. For one of more than 256 MiB (a checkpoint) it is a hash of
    /// the file's stamp, which changes with every write though not only with the contents. The tag of a gzip
    /// twin is its own, with a suffix (RFC 9110 §8.8.3.3).
    ///
    /// - Parameters:
    ///   - file: the open file.
    ///   - presentation: its path and role.
    ///   - policy: how long clients may use their copies.
    init?(reading file: OpenedFile, as presentation: Presentation, policy: ServerConfiguration.CacheControl) {
        stamp = file.stamp
        let size = stamp.size
        type = MediaTypes.type(
            ofFile: presentation.isTwin ? String(presentation.path.dropLast(3)) : presentation.path
        )
        let wantsChecksum = !presentation.isTwin && MediaTypes.isCompressible(type)

        var hash: ContentHash
        var checksum: UInt32 = 0
        var contents: ByteBuffer?
        if size <= Self.maximumBytesInMemory {
            var buffer = ByteBufferAllocator().buffer(capacity: size)
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) {
                file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<size]), at: 0) ?? 0
            }
            guard count == size else { return nil }
            hash = buffer.withUnsafeReadableBytes { ContentHash(hashing: $0) }
            if wantsChecksum {
                checksum = buffer.withUnsafeReadableBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
            }
            contents = buffer
        } else if size <= Self.maximumHashedBytes {
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkLength, alignment: 64)
            defer { chunk.deallocate() }
            var digests: [UInt8] = []
            for offset in stride(from: 0, to: size, by: Self.chunkLength) {
                let part = UnsafeMutableRawBufferPointer(rebasing: chunk[..<min(chunk.count, size - offset)])
                guard file.read(into: part, at: offset) == part.count else { return nil }
                digests += ContentHash(hashing: UnsafeRawBufferPointer(part)).hex.utf8
                if wantsChecksum { checksum = libdeflate_crc32(checksum, part.baseAddress, part.count) }
            }
            hash = ContentHash(digests)
        } else {
            let identity = stamp.identity
            let parts = [
                "\(identity.device)", "\(identity.inode)", "\(size)", "\(identity.modifiedNanoseconds)",
                "\(stamp.changedNanoseconds)",
            ]
            hash = ContentHash(Array(parts.joined(separator: " ").utf8))
        }
        guard file.isUnchanged else { return nil }

        bytes = contents
        self.checksum = wantsChecksum && size <= Self.maximumHashedBytes ? checksum : nil
        gzipTrailer = presentation.isTwin ? Self.trailer(of: file) : nil
        validators = .init(
            entityTag: EntityTag(strong: presentation.isTwin ? hash.hex + "-gzip" : hash.hex),
            lastModified: stamp.lastModified
        )
        var fields = ResponseFields.file(type: type, validators: validators, policy: policy)
        if presentation.isTwin { fields[.contentEncoding] = "gzip" }
        fields[.contentLength] = "\(size)"
        self.fields = fields
    }

    /// Whether `twin` is the gzip coding of exactly these contents, by the checksum and length in its trailer.
    func isSource(of twin: ServedFile) -> Bool {
        guard let checksum, let trailer = twin.gzipTrailer else { return false }
        return trailer.checksum == checksum && trailer.size == UInt32(truncatingIfNeeded: size)
    }

    /// The last eight bytes of a gzip file: CRC-32 and ISIZE, little-endian (RFC 1952 §2.3.1).
    private static func trailer(of file: OpenedFile) -> (UInt32, UInt32)? {
        guard file.stamp.size >= 18 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { buffer in
            guard file.read(into: buffer, at: file.stamp.size - 8) == 8 else { return nil }
            let checksum = UInt32(littleEndian: buffer.load(fromByteOffset: 0, as: UInt32.self))
            let length = UInt32(littleEndian: buffer.load(fromByteOffset: 4, as: UInt32.self))
            return (checksum, length)
        }
    }
}

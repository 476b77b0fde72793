import Files
import Synchronization

/// Reads parts of a file whose structure is examined; a part that is not there is a defect of the file.
struct StructureReader: Sendable {
    let transport: any Transport
    let path: RelativePath
    /// Of the whole file.
    let size: Int

    /// The bytes of a part that must be there.
    ///
    /// - Throws: ``CollectorError/verification(_:reason:)`` where it lies outside the file.
    func bytes(at offset: Int, count: Int) async throws -> LittleEndianBytes {
        guard offset >= 0, count >= 0, count <= size, offset <= size - count else {
            throw defect("it ends before byte \(offset)")
        }
        let bytes = try await transport.bytes(of: path, from: offset, count: count)
        guard bytes.count == count else { throw defect("it ends before byte \(offset + count)") }
        return LittleEndianBytes(bytes: bytes)
    }

    /// The CRC-32 of a part that must be there.
    ///
    /// - Throws: ``CollectorError``.
    func checksum(at offset: Int, count: Int) async throws -> UInt32 {
        let checksum = Mutex(CRC32())
        let length = try await transport.read(path, from: offset, count: count) { bytes in
            checksum.withLock { $0.update(bytes) }
        }
        guard length == count else { throw defect("it ends before byte \(offset + count)") }
        return checksum.withLock { $0.value }
    }

    /// The error that says what is wrong with the file.
    func defect(_ reason: String) -> CollectorError {
        .verification(path.string, reason: reason)
    }
}

/// Some bytes that numbers are read from; outside them every number is 0.
struct LittleEndianBytes: Sendable {
    let bytes: [UInt8]

    /// A number of up to eight bytes.
    func number(at offset: Int, byteCount: Int) -> UInt64 {
        guard offset >= 0, offset <= bytes.count - byteCount else { return 0 }
        return bytes[offset..<offset + byteCount].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Two bytes.
    func short(at offset: Int) -> Int { Int(number(at: offset, byteCount: 2)) }

    /// Four bytes.
    func word(at offset: Int) -> Int { Int(number(at: offset, byteCount: 4)) }

    /// Eight bytes; a number no file offset can be becomes the largest one.
    func long(at offset: Int) -> Int { Int(clamping: number(at: offset, byteCount: 8)) }
}

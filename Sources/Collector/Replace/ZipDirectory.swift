/// One record of a zip archive, as its central directory tells.
struct ZipRecord: Sendable, Hashable {
    var headerOffset: Int
    var storedByteCount: Int
    var byteCount: Int
    var checksum: UInt32
    var method: Int
}

/// Finds and reads the central directory of a zip archive: what `torch.save` has written since version 1.6.
///
/// Source: APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3.
struct ZipDirectory: Sendable, Hashable {
    /// Where the records end and the directory begins.
    var offset: Int
    /// In bytes.
    var byteCount: Int
    /// How many records it lists.
    var recordCount: Int

    /// The end record without its comment.
    private static let endByteCount = 22
    private static let locatorByteCount = 20
    private static let largeEndByteCount = 56
    /// More would be several millions of tensors.
    private static let maximumByteCount = 512 << 20

    /// How much of a file's end is looked at for the end record: the longest comment, and what precedes it.
    static let tailByteCount = 64 << 10

    /// Finds the directory from the end of the archive.
    ///
    /// - Throws: ``CollectorError/verification(_:reason:)`` where there is none: the file is half-written.
    static func find(in reader: StructureReader) async throws -> ZipDirectory {
        let tailByteCount = min(reader.size, Self.tailByteCount)
        let tail = try await reader.bytes(at: reader.size - tailByteCount, count: tailByteCount)
        guard let end = endRecord(in: tail) else {
            throw reader.defect(
                "it has no end-of-archive record: it is half-written; it is tried again when it is finished"
            )
        }
        let endOffset = reader.size - tailByteCount + end
        var directory = ZipDirectory(
            offset: tail.word(at: end + 16),
            byteCount: tail.word(at: end + 12),
            recordCount: tail.short(at: end + 10)
        )
        var limit = endOffset
        if let large = try await largeEnd(before: endOffset, in: reader) {
            limit = large.offset
            directory = large.directory
        } else if directory.offset == 0xFFFF_FFFF || directory.byteCount == 0xFFFF_FFFF
            || directory.recordCount == 0xFFFF
        {
            throw reader.defect("its zip64 end record is missing")
        }
        guard directory.byteCount <= maximumByteCount else {
            throw reader.defect("its directory is implausibly long")
        }
        // What `zipfile` and miniz write ends exactly where the end records begin.
        guard directory.offset <= limit, directory.byteCount == limit - directory.offset else {
            throw reader.defect("its directory does not end where its end record begins")
        }
        return directory
    }

    /// The offset of the end record in the file's tail: the last one whose comment ends with the file.
    private static func endRecord(in tail: LittleEndianBytes) -> Int? {
        var offset = tail.bytes.count - endByteCount
        while offset >= 0 {
            if tail.bytes[offset] == UInt8(ascii: "P"), tail.word(at: offset) == 0x0605_4B50,
                offset + endByteCount + tail.short(at: offset + 20) == tail.bytes.count
            {
                return offset
            }
            offset -= 1
        }
        return nil
    }

    private static func largeEnd(
        before endOffset: Int,
        in reader: StructureReader
    ) async throws -> (offset: Int, directory: ZipDirectory)? {
        guard endOffset >= locatorByteCount else { return nil }
        let locator = try await reader.bytes(at: endOffset - locatorByteCount, count: locatorByteCount)
        guard locator.word(at: 0) == 0x0706_4B50 else { return nil }
        let offset = locator.long(at: 8)
        guard offset <= endOffset - locatorByteCount - largeEndByteCount else {
            throw reader.defect("its zip64 end record lies outside it")
        }
        let record = try await reader.bytes(at: offset, count: largeEndByteCount)
        guard record.word(at: 0) == 0x0606_4B50 else {
            throw reader.defect("its zip64 end record is damaged")
        }
        let directory = ZipDirectory(
            offset: record.long(at: 48),
            byteCount: record.long(at: 40),
            recordCount: record.long(at: 32)
        )
        return (offset, directory)
    }

    /// Reads the records, sorted by where they lie.
    ///
    /// - Throws: ``CollectorError/verification(_:reason:)`` where the directory is damaged.
    func records(in reader: StructureReader) async throws -> [ZipRecord] {
        let bytes = try await reader.bytes(at: offset, count: byteCount)
        var records: [ZipRecord] = []
        var position = 0
        while position < byteCount {
            guard position <= byteCount - 46, bytes.word(at: position) == 0x0201_4B50 else {
                throw reader.defect("its directory is damaged at byte \(offset + position)")
            }
            let lengths = (28...32).filter { $0 % 2 == 0 }.map { bytes.short(at: position + $0) }
            let end = position + 46 + lengths.reduce(0, +)
            guard end <= byteCount else { throw reader.defect("its directory ends within a record") }
            var record = ZipRecord(
                headerOffset: bytes.word(at: position + 42),
                storedByteCount: bytes.word(at: position + 20),
                byteCount: bytes.word(at: position + 24),
                checksum: UInt32(truncatingIfNeeded: bytes.word(at: position + 16)),
                method: bytes.short(at: position + 10)
            )
            let extra = position + 46 + lengths[0]
            record.widen(from: bytes, extra: extra..<extra + lengths[1])
            records.append(record)
            position = end
        }
        guard records.count == recordCount else {
            throw reader.defect("its directory lists \(records.count) records, its end record \(recordCount)")
        }
        return records.sorted { $0.headerOffset < $1.headerOffset }
    }
}

extension ZipRecord {
    /// Takes the numbers that are too large for the directory's own fields from the zip64 extra field, which
    /// holds only those, in this order.
    fileprivate mutating func widen(from bytes: LittleEndianBytes, extra: Range<Int>) {
        var field = extra.lowerBound
        while field + 4 <= extra.upperBound {
            let end = field + 4 + bytes.short(at: field + 2)
            if bytes.short(at: field) == 1, end <= extra.upperBound {
                var next = field + 4
                func take(_ value: inout Int) {
                    guard value == 0xFFFF_FFFF, next + 8 <= end else { return }
                    value = bytes.long(at: next)
                    next += 8
                }
                take(&byteCount)
                take(&storedByteCount)
                take(&headerOffset)
                return
            }
            field = end
        }
    }
}

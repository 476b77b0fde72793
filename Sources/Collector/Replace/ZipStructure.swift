/// Whether a zip archive is whole: its directory, its records, and the CRC-32 of each.
enum ZipStructure {
    /// Looks for the end record alone, before gigabytes of a half-written file are pulled.
    ///
    /// - Throws: ``CollectorError/verification(_:reason:)``.
    static func probe(_ reader: StructureReader) async throws {
        _ = try await ZipDirectory.find(in: reader)
    }

    /// Examines the archive, reading all of it where it notes checksums.
    ///
    /// - Parameters:
    ///   - reader: reads the archive.
    ///   - checksums: whether the records' contents are read, too.
    /// - Returns: ``VerificationLevel/structureOnly`` where the records are compressed, or were written without
    ///   checksums, as `torch.serialization.set_crc32_options(False)` does.
    /// - Throws: ``CollectorError/verification(_:reason:)`` where it is damaged.
    static func verify(_ reader: StructureReader, checksums: Bool) async throws -> VerificationLevel {
        let directory = try await ZipDirectory.find(in: reader)
        let records = try await directory.records(in: reader)
        guard !records.isEmpty else { throw reader.defect("it holds no record") }
        let notesChecksums = records.contains { $0.checksum != 0 }
        var areAllChecked = checksums && notesChecksums
        var position = 0
        for record in records {
            try Task.checkCancellation()
            // Overlapping records would make the time to read them all grow with their square.
            guard record.headerOffset >= position else { throw reader.defect("two of its records overlap") }
            let header = try await reader.bytes(at: record.headerOffset, count: 30)
            guard header.word(at: 0) == 0x0403_4B50, header.short(at: 8) == record.method else {
                throw reader.defect("the record at byte \(record.headerOffset) is damaged")
            }
            let start = record.headerOffset + 30 + header.short(at: 26) + header.short(at: 28)
            guard start <= directory.offset, record.storedByteCount <= directory.offset - start else {
                throw reader.defect("the record at byte \(record.headerOffset) reaches into the directory")
            }
            position = start + record.storedByteCount
            guard record.method == 0 else {
                areAllChecked = false
                continue
            }
            guard record.byteCount == record.storedByteCount else {
                throw reader.defect("the record at byte \(record.headerOffset) has two lengths")
            }
            guard checksums, notesChecksums else { continue }
            guard try await reader.checksum(at: start, count: record.byteCount) == record.checksum else {
                throw reader.defect(
                    "the record at byte \(record.headerOffset) has another CRC-32 than its writer noted: it is torn"
                )
            }
        }
        return areAllChecked ? .structureAndChecksums : .structureOnly
    }
}

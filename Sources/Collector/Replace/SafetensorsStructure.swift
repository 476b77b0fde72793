import RunRecords

/// Whether a safetensors file is whole: its header, and tensors that fill the rest exactly.
///
/// Source: https://github.com/huggingface/safetensors, README, "Format"; the limits are those of its reader.
enum SafetensorsStructure {
    private static let maximumHeaderByteCount = 100_000_000

    /// Examines the header; nothing behind it is read, and no checksum is noted anywhere.
    ///
    /// - Throws: ``CollectorError/verification(_:reason:)`` where it is damaged or half-written.
    static func verify(_ reader: StructureReader) async throws -> VerificationLevel {
        let length = try await reader.bytes(at: 0, count: 8).long(at: 0)
        guard length <= maximumHeaderByteCount, length <= reader.size - 8 else {
            throw reader.defect(
                "its header is longer than the file, or than 100 MB: it is no safetensors file"
            )
        }
        let header = try await reader.bytes(at: 8, count: length).bytes
        let members = try members(of: header, in: reader)
        let tensors = try members.filter { $0.key != "__metadata__" }.map { try Tensor($0, in: reader) }
        var end = 0
        for tensor in tensors.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            guard tensor.start == end else { throw reader.defect("its tensors overlap or leave a gap") }
            end = tensor.end
        }
        guard end == reader.size - 8 - length else {
            throw reader.defect(
                "its tensors need \(end) bytes behind the header, \(reader.size - 8 - length) are there: it is "
                    + "half-written"
            )
        }
        return .structureOnly
    }

    private static func members(
        of header: [UInt8],
        in reader: StructureReader
    ) throws(CollectorError) -> [JSONMember] {
        let value: JSONValue
        do throws(RunRecordsError) {
            value = try JSONParser.parse(header)
        } catch {
            throw reader.defect("its header is damaged: \(error)")
        }
        guard header.first == UInt8(ascii: "{"), let members = value.members else {
            throw reader.defect("its header is no JSON object")
        }
        return members
    }

    private struct Tensor {
        let start: Int
        let end: Int

        init(_ member: JSONMember, in reader: StructureReader) throws(CollectorError) {
            let defect = reader.defect("the entry of a tensor in its header is damaged")
            guard let offsets = member.value["data_offsets"]?.array, offsets.count == 2,
                let start = offsets[0].finite.flatMap({ Int(exactly: $0) }), start >= 0,
                let end = offsets[1].finite.flatMap({ Int(exactly: $0) }), end >= start,
                let shape = member.value["shape"]?.array,
                let type = member.value["dtype"]?.string
            else { throw defect }
            self.start = start
            self.end = end
            // An unknown type may be newer than this table; its length then speaks for itself.
            guard let bits = Self.bitCounts[type] else { return }
            var count = bits
            for dimension in shape {
                guard let size = dimension.finite.flatMap({ Int(exactly: $0) }), size >= 0 else {
                    throw defect
                }
                let (product, overflows) = count.multipliedReportingOverflow(by: size)
                guard !overflows else { throw defect }
                count = product
            }
            guard count % 8 == 0, count / 8 == end - start else {
                throw reader.defect("a tensor's shape does not fit its length")
            }
        }

        private static let bitCounts: [String: Int] = [
            "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64,
            "U32": 32, "U16": 16, "U8": 8, "BOOL": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4,
            "C64": 64,
        ]
    }
}

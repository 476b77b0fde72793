@testable import Collector

/// Builds stored zip archives as `torch.save` writes them, byte by byte.
struct ZipFixture {
    var records: [(name: String, contents: [UInt8])]
    /// miniz in PyTorch always writes the zip64 end records, too.
    var hasLargeEnd = true
    var notesChecksums = true
    var comment: [UInt8] = []
    /// Writes the sizes and offsets of the directory into zip64 extra fields.
    var usesLargeFields = false

    init(_ records: [(name: String, contents: [UInt8])]) { self.records = records }

    /// A little checkpoint with `count` random tensors.
    static func checkpoint(tensorByteCount: Int = 5_000, random: () -> [UInt8]) -> ZipFixture {
        ZipFixture([
            ("archive/data.pkl", Array("\u{02}}q.".utf8)),
            ("archive/data/0", random()),
            ("archive/version", Array("3\n".utf8)),
        ])
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for (name, contents) in records {
            var crc = CRC32()
            contents.withUnsafeBytes { crc.update($0) }
            let checksum = notesChecksums ? crc.value : 0
            let offset = bytes.count
            // torch pads with an extra field, so that tensors begin at a multiple of 64.
            let padding = (64 - (offset + 30 + name.utf8.count + 4) % 64) % 64
            let extra = little(0x4246, 2) + little(padding, 2) + [UInt8](repeating: 0x5A, count: padding)
            bytes += little(0x0403_4B50, 4) + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4)
            bytes += little(Int(checksum), 4) + little(contents.count, 4) + little(contents.count, 4)
            bytes += little(name.utf8.count, 2) + little(extra.count, 2) + Array(name.utf8) + extra + contents
            let large = little(contents.count, 8) + little(contents.count, 8) + little(offset, 8)
            let field = usesLargeFields ? little(1, 2) + little(large.count, 2) + large : []
            let size = usesLargeFields ? 0xFFFF_FFFF : contents.count
            directory += little(0x0201_4B50, 4) + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 2)
            directory += little(0, 4) + little(Int(checksum), 4) + little(size, 4) + little(size, 4)
            directory += little(name.utf8.count, 2) + little(field.count, 2) + little(0, 2) + little(0, 2)
            directory += little(0, 2) + little(0, 4) + little(usesLargeFields ? 0xFFFF_FFFF : offset, 4)
            directory += Array(name.utf8) + field
        }
        let start = bytes.count
        bytes += directory
        let large = bytes.count
        if hasLargeEnd {
            bytes += little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4)
            bytes += little(0, 4) + little(records.count, 8) + little(records.count, 8)
            bytes += little(directory.count, 8) + little(start, 8)
            bytes += little(0x0706_4B50, 4) + little(0, 4) + little(large, 8) + little(1, 4)
        }
        bytes += little(0x0605_4B50, 4) + little(0, 2) + little(0, 2)
        bytes += little(records.count, 2) + little(records.count, 2)
        bytes += little(directory.count, 4) + little(start, 4) + little(comment.count, 2) + comment
        return bytes
    }

    private func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// Builds safetensors files.
enum SafetensorsFixture {
    static func bytes(header: String, data: [UInt8]) -> [UInt8] {
        let length = header.utf8.count
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
    }

    static var valid: [UInt8] {
        bytes(
            header:
                #"{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[3],"data_offsets":[16,22]},"#
                + #""a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#,
            data: [UInt8](repeating: 7, count: 22)
        )
    }
}

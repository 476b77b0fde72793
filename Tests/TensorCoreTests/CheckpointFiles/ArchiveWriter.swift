@testable import TensorCore

/// Writes what PyTorch could have written, and what it never would.
enum ArchiveWriter {
    struct Member {
        var name: String
        var bytes: [UInt8]
        var method: UInt16 = 0
        var flags: UInt16 = 0
        /// In the local header, where it is to differ from the directory.
        var localName: String?
        var checksum: UInt32?
    }

    /// A zip archive; `isWide` writes all sizes as ZIP64.
    static func zip(_ members: [Member], isWide: Bool = false, comment: [UInt8] = []) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let offset = file.count
            let checksum = member.checksum ?? member.bytes.withUnsafeBytes { TensorDigest.crc32($0) }
            let size = member.bytes.count
            let name = Array((member.localName ?? member.name).utf8)
            file +=
                le(UInt32(0x0403_4b50)) + le(UInt16(20)) + le(member.flags) + le(member.method)
                + le(UInt32(0))
            file += le(checksum) + le(UInt32(size)) + le(UInt32(size)) + le(UInt16(name.count))
            // PyTorch pads with an extra field, so that the bytes begin at a multiple of 64.
            let padding = (64 - (file.count + 2 + name.count + 4) % 64) % 64
            file += le(UInt16(4 + padding)) + name + le(UInt16(0x4246)) + le(UInt16(padding))
            file += [UInt8](repeating: 0x5A, count: padding) + member.bytes

            let wide =
                isWide
                ? le(UInt16(1)) + le(UInt16(24)) + le(UInt64(size)) + le(UInt64(size)) + le(UInt64(offset))
                : []
            directory += le(UInt32(0x0201_4b50)) + le(UInt16(20)) + le(UInt16(20)) + le(member.flags)
            directory += le(member.method) + le(UInt32(0)) + le(checksum)
            directory += le(isWide ? .max : UInt32(size)) + le(isWide ? .max : UInt32(size))
            directory += le(UInt16(member.name.utf8.count)) + le(UInt16(wide.count)) + le(UInt16(0))
            directory += [UInt8](repeating: 0, count: 8) + le(isWide ? .max : UInt32(offset))
            directory += Array(member.name.utf8) + wide
        }
        let start = file.count
        file += directory
        if isWide {
            let record = file.count
            file += le(UInt32(0x0606_4b50)) + le(UInt64(44)) + le(UInt16(45)) + le(UInt16(45))
            file += le(UInt32(0)) + le(UInt32(0)) + le(UInt64(members.count)) + le(UInt64(members.count))
            file += le(UInt64(directory.count)) + le(UInt64(start))
            file += le(UInt32(0x0706_4b50)) + le(UInt32(0)) + le(UInt64(record)) + le(UInt32(1))
        }
        file += le(UInt32(0x0605_4b50)) + le(UInt32(0))
        file += le(isWide ? .max : UInt16(members.count)) + le(isWide ? .max : UInt16(members.count))
        file += le(isWide ? .max : UInt32(directory.count)) + le(isWide ? .max : UInt32(start))
        return file + le(UInt16(comment.count)) + comment
    }

    /// What `torch.save` makes of a pickle and storages.
    static func torch(_ pickle: [UInt8], _ storages: [String: [UInt8]] = [:], isWide: Bool = false) -> [UInt8]
    {
        let members = storages.sorted { $0.key < $1.key }.map {
            Member(name: "m/data/\($0.key)", bytes: $0.value)
        }
        return zip([Member(name: "m/data.pkl", bytes: pickle)] + members, isWide: isWide)
    }

    static func le<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
    }
}

/// Writes pickles, instruction by instruction (protocol 2 unless said otherwise).
enum Pickle {
    static func of(_ parts: [UInt8]..., version: UInt8 = 2) -> [UInt8] {
        [0x80, version] + parts.flatMap { $0 } + [0x2E]
    }

    static func text(_ text: String) -> [UInt8] {
        [0x58] + ArchiveWriter.le(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    static func integer(_ value: Int) -> [UInt8] {
        if let small = UInt8(exactly: value) { return [0x4B, small] }
        if let medium = Int32(exactly: value) { return [0x4A] + ArchiveWriter.le(medium) }
        return [0x8A, 8] + ArchiveWriter.le(Int64(value))
    }

    static func tuple(_ parts: [[UInt8]]) -> [UInt8] { [0x28] + parts.flatMap { $0 } + [0x74] }
    static func list(_ parts: [[UInt8]]) -> [UInt8] { [0x5D, 0x28] + parts.flatMap { $0 } + [0x65] }

    static func dictionary(_ entries: [([UInt8], [UInt8])]) -> [UInt8] {
        [0x7D, 0x28] + entries.flatMap { $0.0 + $0.1 } + [0x75]
    }

    static func storage(_ type: String, key: String, count: Int, view: [UInt8] = []) -> [UInt8] {
        tuple([
            text("storage"), global("torch", type), text(key), text("cpu"), integer(count), view,
        ]) + [0x51]
    }

    static func tensor(_ storage: [UInt8], offset: Int, shape: [Int], strides: [Int]) -> [UInt8] {
        global("torch._utils", "_rebuild_tensor_v2")
            + tuple([
                storage, integer(offset), tuple(shape.map(integer)), tuple(strides.map(integer)), [0x89],
                global("collections", "OrderedDict") + [0x29, 0x52],
            ]) + [0x52]
    }

    /// A file of before PyTorch 1.6 with one dictionary.
    static func stream(_ value: [UInt8], storages: [(key: String, count: Int, bytes: [UInt8])]) -> [UInt8] {
        let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
        let machine = dictionary([(text("little_endian"), [0x88])])
        return of(magic) + of(integer(1001)) + of(machine) + of(value)
            + of(list(storages.map { text($0.key) }))
            + storages.flatMap { ArchiveWriter.le(Int64($0.count)) + $0.bytes }
    }
}

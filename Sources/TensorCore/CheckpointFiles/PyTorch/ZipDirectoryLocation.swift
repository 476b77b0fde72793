/// Where the central directory of a zip archive lies, from the record at its end.
///
/// Source: APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16.
struct ZipDirectoryLocation {
    let range: Range<Int>
    let memberCount: Int

    private static let endByteCount = 22

    init(_ bytes: TensorBytes, path: String) throws(CheckpointFileError) {
        guard let end = Self.findEnd(bytes) else {
            throw .damaged(
                path: path,
                at: .whole,
                reason: "an archive without the directory at its end: it is cut off, or still being written"
            )
        }
        let what = "the record at the archive's end"
        var reader = ByteReader(bytes, end + 4..<bytes.count, path: path)
        let (disk, directoryDisk) = (
            try reader.integer(UInt16.self, what), try reader.integer(UInt16.self, what)
        )
        let diskMembers = try reader.integer(UInt16.self, what)
        var members = UInt64(try reader.integer(UInt16.self, what))
        var size = UInt64(try reader.integer(UInt32.self, what))
        var offset = UInt64(try reader.integer(UInt32.self, what))
        var limit = end
        if end >= 20, bytes.integer(at: end - 20, as: UInt32.self) == 0x0706_4b50 {
            let wide = try Self.wideEnd(bytes, path: path, locator: end - 20)
            // What fits into the narrow record must be the same in both.
            let isConsistent =
                (members == 0xFFFF || members == wide.members) && (size == 0xFFFF_FFFF || size == wide.size)
                && (offset == 0xFFFF_FFFF || offset == wide.offset)
            guard isConsistent else {
                throw .damaged(
                    path: path,
                    at: .byte(end),
                    reason: "the two records at the archive's end differ"
                )
            }
            (members, size, offset, limit) = (wide.members, wide.size, wide.offset, wide.start)
        } else {
            guard disk == 0, directoryDisk == 0, UInt64(diskMembers) == members else {
                throw .damaged(
                    path: path,
                    at: .byte(end),
                    reason: "it is a part of an archive of several files"
                )
            }
        }
        guard let size = Int(exactly: size), let offset = Int(exactly: offset), offset <= limit,
            size <= limit - offset, members <= UInt64(size / 46)
        else {
            throw .damaged(
                path: path,
                at: .byte(end),
                reason: "the archive's directory lies outside the file"
            )
        }
        range = offset..<offset + size
        memberCount = Int(members)
    }

    /// The last record whose comment, of up to 65,535 bytes, ends with the file.
    private static func findEnd(_ bytes: TensorBytes) -> Int? {
        var position = bytes.count - endByteCount
        let last = max(0, position - 0xFFFF)
        while position >= last {
            if bytes.integer(at: position, as: UInt32.self) == 0x0605_4b50,
                Int(bytes.integer(at: position + 20, as: UInt16.self)) == bytes.count - position
                    - endByteCount
            {
                return position
            }
            position -= 1
        }
        return nil
    }

    private static func wideEnd(
        _ bytes: TensorBytes,
        path: String,
        locator: Int
    ) throws(CheckpointFileError) -> (members: UInt64, size: UInt64, offset: UInt64, start: Int) {
        let what = "the ZIP64 record at the archive's end"
        let claimed = bytes.integer(at: locator + 8, as: UInt64.self)
        guard let start = Int(exactly: claimed), start < locator else {
            throw .damaged(path: path, at: .byte(locator), reason: "\(what) lies outside the file")
        }
        var reader = ByteReader(bytes, start..<locator, path: path)
        guard try reader.integer(UInt32.self, what) == 0x0606_4b50 else {
            throw reader.damage("\(what) is missing")
        }
        _ = try reader.skip(20, what)
        _ = try reader.skip(8, what)
        let members = try reader.integer(UInt64.self, what)
        let size = try reader.integer(UInt64.self, what)
        let offset = try reader.integer(UInt64.self, what)
        return (members, size, offset, start)
    }
}

/// The table of contents of a zip archive whose members are stored, not compressed, as PyTorch writes them.
///
/// Only the central directory counts; every local header must agree with it, and no two members may share bytes.
/// Source: APPNOTE.TXT 6.3.10, 4.3 and 4.5.3 (ZIP64).
struct ZipArchive: Sendable {
    struct Member: Sendable {
        var name: String
        var checksum: UInt32
        var headerOffset: Int
        var byteCount: Int
        /// Where its bytes lie in the file.
        var range: Range<Int> = 0..<0
    }

    let bytes: TensorBytes
    let path: String
    /// In the order of the directory.
    private(set) var members: [Member] = []
    private var indices: [String: Int] = [:]

    subscript(name: String) -> Member? { indices[name].map { members[$0] } }

    init(_ bytes: TensorBytes, path: String) throws(CheckpointFileError) {
        self.bytes = bytes
        self.path = path
        let directory = try ZipDirectoryLocation(bytes, path: path)
        var reader = ByteReader(bytes, directory.range, path: path)
        for _ in 0..<directory.memberCount { try readMember(&reader) }
        guard reader.remaining == 0 else {
            throw reader.damage("its directory is longer than its members need")
        }
        try locateMembers(before: directory.range.lowerBound)
    }

    /// One entry of the central directory (4.3.12).
    private mutating func readMember(_ reader: inout ByteReader) throws(CheckpointFileError) {
        let what = "the archive's directory"
        let start = reader.position
        guard try reader.integer(UInt32.self, what) == 0x0201_4b50 else {
            throw .damaged(
                path: path,
                at: .byte(start),
                reason: "no entry of the archive's directory is here"
            )
        }
        _ = try reader.skip(4, what)
        let flags = try reader.integer(UInt16.self, what)
        let method = try reader.integer(UInt16.self, what)
        _ = try reader.skip(4, what)
        let checksum = try reader.integer(UInt32.self, what)
        var compressedSize = UInt64(try reader.integer(UInt32.self, what))
        var size = UInt64(try reader.integer(UInt32.self, what))
        let nameLength = try reader.integer(UInt16.self, what)
        let extraLength = try reader.integer(UInt16.self, what)
        let commentLength = try reader.integer(UInt16.self, what)
        _ = try reader.skip(8, what)
        var offset = UInt64(try reader.integer(UInt32.self, what))
        let name = try reader.text(nameLength, "a member's name")
        let extra = try reader.skip(extraLength, what)
        _ = try reader.skip(commentLength, what)
        try readWideSizes(ByteReader(bytes, extra, path: path), &size, &compressedSize, &offset)

        guard flags & 1 == 0 else { throw unsupported(name, "it is encrypted", "save it without a password") }
        guard method == 0 else {
            throw unsupported(
                name,
                "it is compressed (method \(method))",
                "unpack it and zip it again with `zip -0`"
            )
        }
        guard size == compressedSize, let byteCount = Int(exactly: size),
            let headerOffset = Int(exactly: offset)
        else { throw .damaged(path: path, at: .name(name), reason: "its sizes contradict each other") }
        guard indices.updateValue(members.count, forKey: name) == nil else {
            throw .damaged(path: path, at: .name(name), reason: "the archive has this member twice")
        }
        members.append(
            Member(name: name, checksum: checksum, headerOffset: headerOffset, byteCount: byteCount)
        )
    }

    /// The extra field 1 holds, in this order, those numbers that did not fit into 32 bits (4.5.3).
    private func readWideSizes(
        _ extra: ByteReader,
        _ size: inout UInt64,
        _ compressedSize: inout UInt64,
        _ offset: inout UInt64
    ) throws(CheckpointFileError) {
        let what = "a ZIP64 field"
        var extra = extra
        while extra.remaining >= 4 {
            let kind = try extra.integer(UInt16.self, what)
            let range = try extra.skip(try extra.integer(UInt16.self, what), what)
            guard kind == 1 else { continue }
            var field = ByteReader(bytes, range, path: path)
            if size == 0xFFFF_FFFF { size = try field.integer(UInt64.self, what) }
            if compressedSize == 0xFFFF_FFFF { compressedSize = try field.integer(UInt64.self, what) }
            if offset == 0xFFFF_FFFF { offset = try field.integer(UInt64.self, what) }
            return
        }
    }

    /// Reads the local headers (4.3.7) and checks that members neither overlap nor reach into the directory.
    private mutating func locateMembers(before directoryStart: Int) throws(CheckpointFileError) {
        let what = "a member's header"
        for index in members.indices {
            let member = members[index]
            func damage(_ reason: String) -> CheckpointFileError {
                .damaged(path: path, at: .name(member.name), reason: reason)
            }
            guard member.headerOffset < directoryStart else {
                throw damage("its header lies outside the file")
            }
            var reader = ByteReader(bytes, member.headerOffset..<directoryStart, path: path)
            guard try reader.integer(UInt32.self, what) == 0x0403_4b50 else {
                throw damage("its header is not where the directory says")
            }
            _ = try reader.skip(22, what)
            let nameLength = try reader.integer(UInt16.self, what)
            let extraLength = try reader.integer(UInt16.self, what)
            guard try reader.text(nameLength, "a member's name") == member.name else {
                throw damage("its header names another member than the directory")
            }
            _ = try reader.skip(extraLength, what)
            guard member.byteCount <= reader.remaining else {
                throw damage("its \(member.byteCount) bytes reach beyond what the file holds")
            }
            members[index].range = reader.position..<reader.position + member.byteCount
        }
        var end = 0
        for member in members.sorted(by: { $0.headerOffset < $1.headerOffset }) {
            guard member.headerOffset >= end else {
                throw .damaged(
                    path: path,
                    at: .name(member.name),
                    reason: "its bytes overlap those of another member"
                )
            }
            end = member.range.upperBound
        }
    }

    private func unsupported(_ name: String, _ reason: String, _ advice: String) -> CheckpointFileError {
        .unsupported(path: path, at: .name(name), reason: reason, advice: advice)
    }

    /// Compares a member's bytes with its checksum.
    func verify(_ member: Member) throws(CheckpointFileError) {
        let found = unsafe bytes.withBytes(member.range) { unsafe TensorDigest.crc32($0) }
        guard found == member.checksum else {
            throw .damaged(
                path: path,
                at: .name(member.name),
                reason: "its checksum (CRC-32) does not match its bytes"
            )
        }
    }
}

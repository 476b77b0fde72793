import Files

/// One line of `ls -l`, as SFTP servers describe an entry of a folder.
///
///     -rw-r--r--    1 root     root         5120 Nov 25 02:01 metrics.jsonl
///
/// Times are of the server's zone, without seconds and partly without a year, so they are not read. The name
/// comes last and may contain spaces; the names of user and group may, too.
///
/// Source: draft-ietf-secsh-filexfer-02 §7; OpenSSH sftp-common.c, `ls_file`.
struct LongName: Equatable {
    /// Unchecked.
    var name: String
    var status: FileStatus

    /// Reads one entry; nil comes back for what is no such line, not UTF-8, or could mean two different names.
    ///
    /// - Parameter entry: the bytes that libcurl gives for it, perhaps with a line break at the end and, for a
    ///   link, with ` -> ` and its target.
    init?(_ entry: some Sequence<UInt8>) {
        var bytes = Array(entry)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }),
            let (kind, mode) = Self.kindAndMode(bytes.prefix { $0 != UInt8(ascii: " ") }),
            let (size, nameStart) = Self.sizeAndName(bytes)
        else { return nil }
        var name = bytes[nameStart...]
        if kind == .symbolicLink {
            // libcurl adds the target; a second arrow could be part of the name or of the target.
            let arrows = Self.arrows(in: name)
            guard arrows.count == 1, let arrow = arrows.first else { return nil }
            name = name[..<arrow]
        }
        guard !name.isEmpty, let text = String(validating: name, as: UTF8.self) else { return nil }
        self.name = text
        status = FileStatus(kind: kind, size: size, mode: mode)
    }

    /// `drwxr-xr-x`, perhaps with a sign for an access list behind it.
    private static func kindAndMode(_ field: ArraySlice<UInt8>) -> (FileIdentity.Kind, UInt32)? {
        guard (10...11).contains(field.count), let first = field.first else { return nil }
        let kind: FileIdentity.Kind
        switch first {
        case UInt8(ascii: "-"): kind = .file
        case UInt8(ascii: "d"): kind = .directory
        case UInt8(ascii: "l"): kind = .symbolicLink
        case UInt8(ascii: "b"), UInt8(ascii: "c"), UInt8(ascii: "p"), UInt8(ascii: "s"), UInt8(ascii: "D"):
            kind = .other
        default: return nil
        }
        var mode: UInt32 = 0
        for (index, byte) in field.dropFirst().prefix(9).enumerated() {
            let bit = UInt32(1) << (8 - index)
            // Set-user-ID, set-group-ID and sticky share the place of the three execute bits.
            let special = UInt32(0o4000) >> (index / 3)
            switch byte {
            case "rwx".utf8.dropFirst(index % 3).first: mode |= bit
            case UInt8(ascii: "-"): break
            case UInt8(ascii: "s") where index % 3 == 2, UInt8(ascii: "t") where index == 8:
                mode |= bit | special
            case UInt8(ascii: "S") where index % 3 == 2, UInt8(ascii: "T") where index == 8: mode |= special
            default: return nil
            }
        }
        return (kind, mode)
    }

    /// Finds `5120 Nov 25 02:01 ` and returns the number and where the name begins.
    private static func sizeAndName(_ bytes: [UInt8]) -> (Int, Int)? {
        let fields = bytes.indices.split { bytes[$0] == UInt8(ascii: " ") }
        // Mode, links, user and group come first, the two names in one or more words each.
        guard fields.count >= 8 else { return nil }
        for index in 4...(fields.count - 4) {
            let (size, month, day, time) = (
                bytes[fields[index]], bytes[fields[index + 1]], bytes[fields[index + 2]],
                bytes[fields[index + 3]]
            )
            guard let number = Self.number(size), isMonth(month),
                Self.number(day).map({ 1...31 ~= $0 }) ?? false,
                isTimeOrYear(time)
            else { continue }
            let end = fields[index + 3].upperBound
            return end + 1 < bytes.count ? (number, end + 1) : nil
        }
        return nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func isMonth(_ word: ArraySlice<UInt8>) -> Bool {
        word.count == 3 && word.allSatisfy { 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 }
    }

    private static func isTimeOrYear(_ word: ArraySlice<UInt8>) -> Bool {
        (4...5).contains(word.count) && word.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ":") }
    }

    private static func arrows(in name: ArraySlice<UInt8>) -> [Int] {
        let arrow = Array(" -> ".utf8)
        return name.indices.filter { name[$0...].starts(with: arrow) }
    }
}

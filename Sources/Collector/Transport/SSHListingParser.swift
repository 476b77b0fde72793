import Files

/// Understands what `find -printf` or `stat -c` tell about files; nothing in it is trusted.
///
/// A record is `kind/size/seconds/inode/mode/name\0`. `kind` is find's letter, or `x` and the raw mode in
/// hexadecimal, from stat.
struct SSHListingParser {
    /// One record.
    struct Record: Equatable {
        var status: FileStatus
        /// Not validated.
        var name: [UInt8]
    }

    /// Cuts an answer into its records.
    ///
    /// - Parameter output: from the far side.
    /// - Returns: what was understood, and how many records were not.
    static func records(_ output: [UInt8]) -> (records: [Record], broken: Int) {
        var records: [Record] = []
        var broken = 0
        var parts = output.split(separator: 0, omittingEmptySubsequences: false)
        // Behind the last NUL nothing may stand.
        if let last = parts.popLast(), !last.isEmpty { broken += 1 }
        for part in parts {
            if let record = record(part) { records.append(record) } else { broken += 1 }
        }
        return (records, broken)
    }

    /// A name from the far side as a path below the root, or why it is refused.
    ///
    /// - Parameters:
    ///   - name: below `folder`, perhaps with `./` before it.
    ///   - folder: what was listed; nil for the root.
    /// - Returns: the path.
    /// - Throws: ``CollectorError/refused(_:reason:)``.
    static func path(_ name: [UInt8], in folder: RelativePath?) throws(CollectorError) -> RelativePath {
        let bare = name.starts(with: "./".utf8) ? Array(name.dropFirst(2)) : name
        guard let text = String(validating: bare, as: UTF8.self) else {
            let shown = RemoteText.readable(String(decoding: bare, as: UTF8.self))
            throw .refused(shown, reason: "its name is not UTF-8")
        }
        do throws(FilesError) {
            let path = try RelativePath(validating: text)
            return try folder.map { folder throws(FilesError) in try folder.appending(path) } ?? path
        } catch { throw .refused(RemoteText.readable(text), reason: error.explanation) }
    }

    private static func record(_ bytes: ArraySlice<UInt8>) -> Record? {
        // Six fields: the name may hold slashes.
        let fields = bytes.split(separator: UInt8(ascii: "/"), maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6, !fields[5].isEmpty else { return nil }
        let words = fields[..<5].map { String(decoding: $0, as: UTF8.self) }
        guard let (kind, rawMode) = kind(words[0]), let size = Int(words[1]), size >= 0 else { return nil }
        guard let modified = nanoseconds(words[2]) else { return nil }
        let mode = rawMode ?? UInt32(words[4], radix: 8)
        return Record(
            status: FileStatus(
                kind: kind,
                size: size,
                modifiedNanoseconds: modified,
                inode: UInt64(words[3]),
                mode: mode.map { $0 & 0o7777 }
            ),
            name: Array(fields[5])
        )
    }

    private static func kind(_ word: String) -> (FileIdentity.Kind, mode: UInt32?)? {
        switch word {
        case "f": return (.file, nil)
        case "d": return (.directory, nil)
        case "l": return (.symbolicLink, nil)
        default:
            guard let first = word.utf8.first else { return nil }
            guard first == UInt8(ascii: "x") else { return word.utf8.count == 1 ? (.other, nil) : nil }
            guard let mode = UInt32(word.dropFirst(), radix: 16) else { return nil }
            // <sys/stat.h>: S_IFMT and its values are the same on every Linux.
            switch mode & 0o170000 {
            case 0o100000: return (.file, mode)
            case 0o040000: return (.directory, mode)
            case 0o120000: return (.symbolicLink, mode)
            default: return (.other, mode)
            }
        }
    }

    /// `1765467099.2134567890`: find prints ten digits of which nine count.
    static func nanoseconds(_ word: String) -> Int64? {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let seconds = Int64(parts[0]) else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            let digits = parts[1].prefix(9)
            guard !digits.isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            let padded = digits + String(repeating: "0", count: 9 - digits.count)
            guard let value = Int64(padded) else { return nil }
            // Times before 1970: `-1.5` is one and a half second before.
            fraction = parts[0].hasPrefix("-") ? -value : value
        }
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = scaled.addingReportingOverflow(fraction)
        return overflow || carry ? nil : sum
    }
}

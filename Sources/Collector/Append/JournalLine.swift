import Files
import RunRecords

/// One state of one file as a line of the journal.
///
///     {"source":"gpu:/root/runs","path":"a/metrics.jsonl","generation":0,"inode":"42","size":90,
///      "mtime":"1765467060000000000","synced":90,"line_end":90,"head":"ba78…","sum":1234567890,
///      "check":"0123456789abcdef"}
///
/// Numbers that a double cannot hold are strings. `check` is the start of the SHA-256 of all before it, so that
/// no damaged line is believed, however well-formed.
enum JournalLine {
    /// Whole numbers up to here survive the way through a double.
    private static let largestNumber = 1 << 53
    private static let checkPrefix = Array(#","check":""#.utf8)

    /// - Returns: the line with its line break.
    static func encode(_ entry: JournalEntry) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(320)
        func key(_ name: String) { line.append(contentsOf: "\(line.isEmpty ? "{" : ",")\"\(name)\":".utf8) }
        func text(_ name: String, _ value: String) {
            key(name)
            JSONStringText.append(value, markupSafe: false, to: &line)
        }
        func number(_ name: String, _ value: Int) {
            key(name)
            NumberText.append(value, to: &line)
        }
        text("source", entry.source)
        text("path", entry.path.string)
        number("generation", entry.generation)
        if let inode = entry.inode { text("inode", String(inode)) }
        number("size", entry.size)
        if let time = entry.modifiedNanoseconds { text("mtime", String(time)) }
        number("synced", entry.synced)
        number("line_end", entry.lineEnd)
        text("head", entry.headHash.hex)
        if let register = entry.register { number("sum", Int(register)) }
        if let pending = entry.pending {
            text("pending", pending.kind.rawValue)
            number("pending_number", pending.number)
            text("pending_reason", pending.reason.rawValue)
        }
        let check = self.check(of: line[...])
        line.append(contentsOf: checkPrefix)
        line.append(contentsOf: check)
        line.append(contentsOf: "\"}\n".utf8)
        return line
    }

    /// - Parameter line: without its line break.
    /// - Returns: nil for anything but a whole, undamaged state.
    static func decode(_ line: ArraySlice<UInt8>) -> JournalEntry? {
        let tailLength = checkPrefix.count + 16 + 2
        guard line.count > tailLength else { return nil }
        let body = line.dropLast(tailLength)
        let tail = line.suffix(tailLength)
        guard tail.elementsEqual(checkPrefix + check(of: body) + Array("\"}".utf8)),
            let value = try? JSONParser.parse(Array(line))
        else { return nil }
        return entry(value)
    }

    private static func check(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(SHA256Value(hashing: Array(bytes)).hex.utf8.prefix(16))
    }

    private static func entry(_ value: JSONValue) -> JournalEntry? {
        guard let source = value["source"]?.string,
            let path = value["path"]?.string.flatMap({ try? RelativePath(validating: $0) }),
            let generation = number(value["generation"]), generation <= GenerationName.largestNumber,
            let size = number(value["size"]),
            let synced = number(value["synced"]),
            let lineEnd = number(value["line_end"]), lineEnd <= synced,
            let head = value["head"]?.string.flatMap({ SHA256Value(hex: $0) })
        else { return nil }
        var entry = JournalEntry(source: source, path: path, generation: generation)
        (entry.size, entry.synced, entry.lineEnd, entry.headHash) = (size, synced, lineEnd, head)
        entry.register = number(value["sum"]).flatMap { UInt32(exactly: $0) }
        if let text = value["inode"]?.string {
            guard let inode = UInt64(text) else { return nil }
            entry.inode = inode
        }
        if let text = value["mtime"]?.string {
            guard let time = Int64(text) else { return nil }
            entry.modifiedNanoseconds = time
        }
        if let text = value["pending"]?.string {
            guard let kind = JournalEntry.PendingStep.Kind(rawValue: text),
                let number = number(value["pending_number"]), number <= GenerationName.largestNumber,
                let reason = value["pending_reason"]?.string.flatMap({ GenerationReason(rawValue: $0) })
            else { return nil }
            entry.pending = JournalEntry.PendingStep(kind: kind, number: number, reason: reason)
        }
        return entry
    }

    private static func number(_ value: JSONValue?) -> Int? {
        guard let number = value?.finite.flatMap({ Int(exactly: $0) }), (0...largestNumber).contains(number)
        else { return nil }
        return number
    }
}

import Glibc

/// Reads lines of JSON objects into a segment's columns, one pass over the bytes, no allocation per line.
///
/// Every value goes to the column of its key. The column is guessed from the key that came before, as a
/// trainer's lines repeat their keys in one order; only a wrong guess costs a look-up. A line's values are held
/// back until it has ended well, so a bad line leaves nothing behind.
///
/// What a line gives depends on its bytes alone, never on the lines or segments before: that is what makes
/// reading a log in pieces the same as reading it at once.
struct LineScanner: ~Copyable {
    let segment: LogSegment
    let floats = FloatParser()
    /// The segment's columns, here because reaching them through the segment is checked at run time.
    var columns: UnsafeMutablePointer<ColumnStorage>
    /// The column that started the last line.
    var firstColumn = -1
    var pending: UnsafeMutablePointer<PendingValue>
    var pendingCount = 0
    var pendingCapacity = 64
    var pendingTexts: [PendingText] = []
    var previousColumn = -1
    var eventFound = false
    /// The keys around a nested value, each with its slash.
    var path: [UInt8] = []
    /// How many arrays around a value have been left for being too long.
    var mutedDepth = 0
    /// Values of the line that were not kept.
    var refusedCount = 0
    /// Whether the segment holds as many keys or texts as it should: its next line belongs to another one.
    var isFull = false
    /// The segment's counts so far: see `finish()`.
    private var lineCount = 0
    private var rowCount = 0

    struct PendingValue {
        var column: Int
        var value: Double
    }

    /// A text of the line being read, where it stands in the reader's buffer.
    struct PendingText {
        let key: UnsafeBufferPointer<UInt8>
        let text: UnsafeBufferPointer<UInt8>
    }

    struct Failure: Error {
        let reason: String

        static func syntax(_ reason: String) -> Failure { Failure(reason: reason) }
    }

    static let arrayLimit = 32
    static let nestingLimit = 32
    /// More values in one line are not kept, but counted: one line must not exhaust memory.
    static let valueLimit = 4096
    /// Texts describe a run, so a few are enough.
    static let textLimit = 1024

    init(into segment: LogSegment) {
        self.segment = segment
        columns = segment.table.columns
        pending = .allocate(capacity: pendingCapacity)
    }

    deinit { pending.deallocate() }

    /// Reads one line.
    ///
    /// - Parameters:
    ///   - start: The line's first byte. At least eight bytes after `end` can be read.
    ///   - end: The line's newline; the byte there must be `\n`.
    mutating func scan(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        lineCount += 1
        var cursor = start
        if cursor.pointee == 0xEF, end - cursor >= 3, cursor[1] == 0xBB, cursor[2] == 0xBF { cursor += 3 }
        if cursor.pointee == 0 {
            segment.reject(
                line: lineCount,
                "starts with \(skipZeros(&cursor, end)) zero bytes, a hole in the file"
            )
        }
        skipSpace(&cursor)
        if cursor == end { return }
        guard cursor.pointee == UInt8(ascii: "{") else {
            segment.reject(line: lineCount, "is not a JSON object: it starts with \(Self.show(cursor, end))")
            return
        }
        let object = cursor
        pendingCount = 0
        previousColumn = -1
        eventFound = false
        refusedCount = 0
        if !pendingTexts.isEmpty { pendingTexts.removeAll(keepingCapacity: true) }
        do throws(Failure) {
            try scanObject(&cursor, end, depth: 0)
            skipSpace(&cursor)
            guard cursor == end else { throw .syntax("text after the closing brace") }
        } catch {
            // Where the failure left them, they would be taken for a part of the next line.
            path.removeAll(keepingCapacity: true)
            mutedDepth = 0
            segment.reject(line: lineCount, "byte \(cursor - start + 1): \(error.reason)")
            return
        }
        if eventFound { commitEvent(object, end) } else { commitLine() }
    }

    /// Counts a line that was not worth reading as bad.
    mutating func reject(_ reason: String) {
        lineCount += 1
        segment.reject(line: lineCount, reason)
    }

    /// Hands the counts to the segment.
    ///
    /// To be called after the last line.
    mutating func finish() {
        segment.lineCount = lineCount
        segment.rowCount = rowCount
    }

    // MARK: Committing

    @inline(__always)
    private mutating func commitLine() {
        if pendingCount > 0 {
            let row = UInt32(truncatingIfNeeded: rowCount)
            for index in 0..<pendingCount {
                columns[pending[index].column].append(pending[index].value, row: row, place: index)
            }
            rowCount += 1
        }
        if refusedCount > 0 { segment.refusedValueCount += refusedCount }
        if !pendingTexts.isEmpty { commitTexts() }
    }

    private mutating func commitTexts() {
        for pending in pendingTexts {
            guard let key = JSONString.decode(Array(pending.key)[...]),
                let text = JSONString.decode(Array(pending.text)[...])
            else { continue }
            segment.note(text, of: key)
        }
        if segment.textKeys.count >= LogSegment.textLimit { isFull = true }
    }

    /// Events are rare, so the careful parser reads them again as values.
    private mutating func commitEvent(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        do {
            let fields = try JSONParser.parse(Array(UnsafeBufferPointer(start: start, count: end - start)))
            guard let name = fields["event"]?.string else { return commitLine() }
            segment.events.append(LogEvent(name: name, fields: fields, row: rowCount))
        } catch {
            segment.reject(line: lineCount, "\(error)")
        }
    }

    // MARK: Objects

    /// `cursor` is at the opening brace, and after the closing one on return.
    mutating func scanObject(
        _ cursor: inout UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        depth: Int
    ) throws(Failure) {
        guard depth < Self.nestingLimit else { throw .syntax("nested more than \(Self.nestingLimit) deep") }
        cursor += 1
        skipSpace(&cursor)
        if cursor.pointee == UInt8(ascii: "}") {
            cursor += 1
            return
        }
        while true {
            guard cursor.pointee == UInt8(ascii: "\"") else {
                throw .syntax("a key in quotes should be here, not \(Self.show(cursor, end))")
            }
            let keyStart = cursor + 1
            var column = guess()
            if column >= 0, depth == 0, matches(column, keyStart) {
                cursor = keyStart + columns[column].keyLength + 1
                if takeNumber(&cursor, column) {
                    if cursor.pointee == UInt8(ascii: ",") {
                        cursor += 1
                        skipSpace(&cursor)
                        continue
                    }
                    cursor += 1
                    return
                }
            } else {
                try skipString(&cursor, end)
                // Looked up once its value turns out to be a number.
                column = -1
            }
            let keyLength = cursor - 1 - keyStart
            skipSpace(&cursor)
            guard cursor.pointee == UInt8(ascii: ":") else { throw .syntax("a colon should follow the key") }
            cursor += 1
            skipSpace(&cursor)
            try scanValue(&cursor, end, key: keyStart, keyLength: keyLength, column: column, depth: depth)
            skipSpace(&cursor)
            let separator = cursor.pointee
            if separator == UInt8(ascii: ",") {
                cursor += 1
                skipSpace(&cursor)
            } else if separator == UInt8(ascii: "}") {
                cursor += 1
                return
            } else {
                throw .syntax("a comma or } should be here, not \(Self.show(cursor, end))")
            }
        }
    }
}

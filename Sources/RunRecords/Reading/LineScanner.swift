import Glibc

/// Reads lines of JSON objects into a segment's columns, one pass over the bytes, no allocation per line.
///
/// Every value goes to the column of its key. The column is guessed from the key that came before, as a
/// trainer's lines repeat their keys in one order; only a wrong guess costs a look-up. A line's values are held
/// back until it has ended well, so a bad line leaves nothing behind.
struct LineScanner: ~Copyable {
    private let segment: LogSegment
    private let floats = FloatParser()
    /// The segment's columns, here because reaching them through the segment is checked at run time.
    private var columns: UnsafeMutablePointer<ColumnStorage>
    /// The column that started the last line.
    private var firstColumn = -1
    private var pending: UnsafeMutablePointer<PendingValue>
    private var pendingCount = 0
    private var pendingCapacity = 64
    private var previousColumn = -1
    private var eventFound = false
    private var path: [UInt8] = []
    /// The segment's counts so far: see `finish()`.
    private var lineCount = 0
    private var rowCount = 0

    private struct PendingValue {
        var column: Int
        var value: Double
    }

    private struct Failure: Error {
        let reason: String

        static func syntax(_ reason: String) -> Failure { Failure(reason: reason) }
    }

    static let arrayLimit = 32
    static let nestingLimit = 32

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
        if cursor.pointee == 0 { skipZeros(&cursor, end) }
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
        do throws(Failure) {
            try scanObject(&cursor, end, depth: 0)
            skipSpace(&cursor)
            guard cursor == end else { throw .syntax("text after the closing brace") }
        } catch {
            segment.reject(line: lineCount, "byte \(cursor - start + 1): \(error.reason)")
            return
        }
        if eventFound {
            commitEvent(object, end)
        } else if pendingCount > 0 {
            commitRow()
        }
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

    private mutating func commitRow() {
        let row = UInt32(truncatingIfNeeded: rowCount)
        for index in 0..<pendingCount {
            columns[pending[index].column].append(pending[index].value, row: row)
        }
        rowCount += 1
    }

    @inline(__always)
    private mutating func holdBack(_ value: Double, _ column: Int) {
        if pendingCount == pendingCapacity { growPending() }
        pending[pendingCount] = PendingValue(column: column, value: value)
        pendingCount += 1
    }

    private mutating func growPending() {
        let larger = UnsafeMutablePointer<PendingValue>.allocate(capacity: pendingCapacity * 2)
        larger.update(from: pending, count: pendingCount)
        pending.deallocate()
        pending = larger
        pendingCapacity *= 2
    }

    /// Events are rare, so the careful parser reads them again as values.
    private mutating func commitEvent(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        do {
            let fields = try JSONParser.parse(Array(UnsafeBufferPointer(start: start, count: end - start)))
            guard let name = fields["event"]?.string else { return commitRow() }
            segment.events.append(LogEvent(name: name, fields: fields, row: rowCount))
        } catch {
            segment.reject(line: lineCount, "\(error)")
        }
    }

    // MARK: Objects and values

    /// `cursor` is at the opening brace, and after the closing one on return.
    private mutating func scanObject(
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
                column = depth == 0 ? find(keyStart, cursor - 1 - keyStart) : -1
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

    /// What nearly every member is: a colon, at most one space, a number, and at once a comma or the closing
    /// brace, where `cursor` is left.
    ///
    /// Anything else is none of this function's business.
    @inline(__always)
    private mutating func takeNumber(_ cursor: inout UnsafePointer<UInt8>, _ column: Int) -> Bool {
        var position = cursor
        guard position.pointee == UInt8(ascii: ":") else { return false }
        position += position[1] == 0x20 ? 2 : 1
        guard let value = floats.parse(at: &position) else { return false }
        guard position.pointee == UInt8(ascii: ",") || position.pointee == UInt8(ascii: "}") else {
            return false
        }
        cursor = position
        previousColumn = column
        holdBack(value, column)
        return true
    }

    private mutating func scanValue(
        _ cursor: inout UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        key: UnsafePointer<UInt8>,
        keyLength: Int,
        column: Int,
        depth: Int
    ) throws(Failure) {
        let first = cursor.pointee
        if first &- 0x30 < 10 || first == UInt8(ascii: "-"), let value = floats.parse(at: &cursor) {
            try checkEndOfToken(cursor, end)
            hold(value, key, keyLength, column, depth)
            return
        }
        switch first {
        case UInt8(ascii: "\""):
            let textStart = cursor + 1
            try skipString(&cursor, end)
            noteText(key, keyLength, textStart, cursor - 1 - textStart, column, depth)
        case UInt8(ascii: "{"):
            let length = path.count
            appendPath(key, keyLength, depth)
            try scanObject(&cursor, end, depth: depth + 1)
            path.removeSubrange(length...)
        case UInt8(ascii: "["):
            let length = path.count
            appendPath(key, keyLength, depth)
            try scanArray(&cursor, end, depth: depth + 1)
            path.removeSubrange(length...)
        default:
            let value = try scanWord(&cursor, end)
            hold(value, key, keyLength, column, depth)
        }
    }

    /// Numbers of a short array become `key/0`, `key/1`, …; of a longer one only the beginning is kept.
    private mutating func scanArray(
        _ cursor: inout UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        depth: Int
    ) throws(Failure) {
        guard depth < Self.nestingLimit else { throw .syntax("nested more than \(Self.nestingLimit) deep") }
        cursor += 1
        skipSpace(&cursor)
        if cursor.pointee == UInt8(ascii: "]") {
            cursor += 1
            return
        }
        var index = 0
        while true {
            let held = pendingCount
            let name = Array(String(index).utf8) + [UInt8(ascii: "\"")]
            try name.withUnsafeBufferPointer { buffer throws(Failure) in
                guard let base = buffer.baseAddress else { return }
                try scanValue(&cursor, end, key: base, keyLength: name.count - 1, column: -1, depth: depth)
            }
            if index >= Self.arrayLimit { pendingCount = held }
            index += 1
            skipSpace(&cursor)
            let separator = cursor.pointee
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else {
                throw .syntax("a comma or ] should be here, not \(Self.show(cursor, end))")
            }
            cursor += 1
            if separator == UInt8(ascii: "]") { return }
            skipSpace(&cursor)
        }
    }

    /// `null`, `true`, `false`, `NaN`, `Infinity`, `-Infinity`.
    private func scanWord(
        _ cursor: inout UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>
    ) throws(Failure) -> Double {
        let start = cursor
        if cursor.pointee == UInt8(ascii: "-") { cursor += 1 }
        while case let letter = (cursor.pointee | 0x20) &- 0x61, letter < 26 { cursor += 1 }
        let length = cursor - start
        let word = UnsafeBufferPointer(start: start, count: length)
        if length == 4, word.elementsEqual("null".utf8) { return .nan }
        if length == 4, word.elementsEqual("true".utf8) { return 1 }
        if length == 5, word.elementsEqual("false".utf8) { return 0 }
        if length <= 9, let special = FloatParser.special(Array(word)[...]) { return special }
        cursor = start
        throw .syntax("\(Self.show(cursor, end)) is not a value")
    }

    private func checkEndOfToken(
        _ cursor: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>
    ) throws(Failure) {
        switch cursor.pointee {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0D, 0x0A: return
        default: throw .syntax("\(Self.show(cursor, end)) does not belong to a number")
        }
    }

    // MARK: Keys and columns

    @inline(__always)
    private func guess() -> Int {
        previousColumn >= 0 ? columns[previousColumn].successor : firstColumn
    }

    /// Whether a column's key and then a quote stand here.
    ///
    /// Reads no further than the line's end: a key contains no newline.
    @inline(__always)
    private func matches(_ column: Int, _ bytes: UnsafePointer<UInt8>) -> Bool {
        let storage = columns + column
        let length = storage.pointee.keyLength
        let key = storage.pointee.key
        var index = 0
        while index < length {
            if bytes[index] != key[index] { return false }
            index += 1
        }
        return bytes[length] == UInt8(ascii: "\"")
    }

    private mutating func find(_ key: UnsafePointer<UInt8>, _ length: Int) -> Int {
        guard let column = segment.table.find(key, length) else { return -1 }
        columns = segment.table.columns
        if previousColumn >= 0 { columns[previousColumn].successor = column } else { firstColumn = column }
        return column
    }

    @inline(__always)
    private mutating func hold(
        _ value: Double,
        _ key: UnsafePointer<UInt8>,
        _ keyLength: Int,
        _ column: Int,
        _ depth: Int
    ) {
        if depth == 0 {
            previousColumn = column
            if column >= 0 { holdBack(value, column) }
        } else {
            holdNested(value, key, keyLength)
        }
    }

    private mutating func holdNested(_ value: Double, _ key: UnsafePointer<UInt8>, _ keyLength: Int) {
        let full = path + UnsafeBufferPointer(start: key, count: keyLength)
        let column = full.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { segment.table.find($0, full.count) }
        }
        columns = segment.table.columns
        if let column { holdBack(value, column) }
    }

    private mutating func appendPath(_ key: UnsafePointer<UInt8>, _ keyLength: Int, _ depth: Int) {
        path.append(contentsOf: UnsafeBufferPointer(start: key, count: keyLength))
        path.append(UInt8(ascii: "/"))
    }

    /// A string: a number if it spells one, a time if its key says so, the event's name, or text to remember.
    private mutating func noteText(
        _ key: UnsafePointer<UInt8>,
        _ keyLength: Int,
        _ text: UnsafePointer<UInt8>,
        _ length: Int,
        _ column: Int,
        _ depth: Int
    ) {
        if depth == 0 {
            previousColumn = column
            if keyLength == 5, memcmp(key, "event", 5) == 0 {
                eventFound = true
                return
            }
        }
        guard length <= 512 else { return }
        let bytes = Array(UnsafeBufferPointer(start: text, count: length))
        if let number = FloatParser.parse(bytes) {
            hold(number, key, keyLength, column, depth)
        } else if let time = TimestampParser.secondsSince1970(bytes) {
            hold(time, key, keyLength, column, depth)
        } else if depth == 0, segment.texts.count < 64 {
            let name = String(decoding: UnsafeBufferPointer(start: key, count: keyLength), as: UTF8.self)
            segment.texts[name] = JSONString.decode(bytes[...])
        }
    }

    // MARK: Bytes

    @inline(__always)
    private func skipSpace(_ cursor: inout UnsafePointer<UInt8>) {
        while cursor.pointee == 0x20 || cursor.pointee == 0x09 || cursor.pointee == 0x0D { cursor += 1 }
    }

    /// A network file system shows zeros where a write has not arrived: they are no part of the line.
    private func skipZeros(_ cursor: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        let start = cursor
        while cursor < end, cursor.pointee == 0 { cursor += 1 }
        segment.reject(line: lineCount, "starts with \(cursor - start) zero bytes, a hole in the file")
    }

    /// From the opening quote to behind the closing one; control bytes and invalid UTF-8 are refused.
    private func skipString(
        _ cursor: inout UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>
    ) throws(Failure) {
        let start = cursor + 1
        var position = start
        var union: UInt8 = 0
        while position.pointee != UInt8(ascii: "\"") {
            let byte = position.pointee
            guard byte >= 0x20 else {
                cursor = position
                throw .syntax(
                    position == end ? "the line ends inside a string" : "a control byte inside a string"
                )
            }
            union |= byte
            position += byte == UInt8(ascii: "\\") && position + 1 < end ? 2 : 1
        }
        if union >= 0x80 {
            let text = UnsafeBufferPointer(start: start, count: position - start)
            guard String(validating: text, as: UTF8.self) != nil else {
                throw .syntax("a string that is not valid UTF-8")
            }
        }
        cursor = position + 1
    }

    /// The byte at `cursor` in words, for messages.
    private static func show(_ cursor: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
        if cursor == end { return "the end of the line" }
        let byte = cursor.pointee
        guard byte > 0x20, byte < 0x7F else { return "byte 0x" + String(byte, radix: 16, uppercase: true) }
        return "'\(UnicodeScalar(byte))'"
    }
}

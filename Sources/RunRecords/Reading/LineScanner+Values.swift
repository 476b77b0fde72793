import Glibc

extension LineScanner {
    /// What nearly every member is: a colon, at most one space, a number, and at once a comma or the closing
    /// brace, where `cursor` is left.
    ///
    /// Anything else is none of this function's business.
    @inline(__always)
    mutating func takeNumber(_ cursor: inout UnsafePointer<UInt8>, _ column: Int) -> Bool {
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

    mutating func scanValue(
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
            appendPath(key, keyLength)
            try scanObject(&cursor, end, depth: depth + 1)
            path.removeSubrange(length...)
        case UInt8(ascii: "["):
            let length = path.count
            appendPath(key, keyLength)
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
            if index == Self.arrayLimit { mutedDepth += 1 }
            try scanElement(&cursor, end, min(index, Self.arrayLimit), depth)
            index += 1
            skipSpace(&cursor)
            let separator = cursor.pointee
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else {
                throw .syntax("a comma or ] should be here, not \(Self.show(cursor, end))")
            }
            cursor += 1
            if separator == UInt8(ascii: "]") { break }
            skipSpace(&cursor)
        }
        if index > Self.arrayLimit { mutedDepth -= 1 }
    }

    /// An element whose key is its number, below 100.
    private mutating func scanElement(
        _ cursor: inout UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        _ index: Int,
        _ depth: Int
    ) throws(Failure) {
        let tens = UInt8(truncatingIfNeeded: index / 10)
        let ones = 0x30 + UInt8(truncatingIfNeeded: index % 10)
        let name: (UInt8, UInt8) = tens > 0 ? (0x30 + tens, ones) : (ones, 0)
        try withUnsafeBytes(of: name) { bytes throws(Failure) in
            guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            try scanValue(&cursor, end, key: base, keyLength: tens > 0 ? 2 : 1, column: -1, depth: depth)
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

    /// A string: a number if it spells one, a time if it is a date, the event's name, or text to remember.
    private mutating func noteText(
        _ key: UnsafePointer<UInt8>,
        _ keyLength: Int,
        _ text: UnsafePointer<UInt8>,
        _ length: Int,
        _ column: Int,
        _ depth: Int
    ) {
        if depth == 0, keyLength == 5, memcmp(key, "event", 5) == 0 {
            eventFound = true
            return
        }
        if depth == 0, column >= 0 { previousColumn = column }
        guard length <= 512 else { return }
        let buffer = UnsafeBufferPointer(start: text, count: length)
        if Self.mayBeNumber(buffer) {
            let bytes = Array(buffer)
            if let number = FloatParser.parse(bytes) ?? TimestampParser.secondsSince1970(bytes) {
                hold(number, key, keyLength, column, depth)
                return
            }
        }
        if depth == 0, pendingTexts.count < Self.textLimit, keyLength <= ColumnTable.keyLimit {
            pendingTexts.append(
                PendingText(key: UnsafeBufferPointer(start: key, count: keyLength), text: buffer)
            )
        }
    }

    /// Whether a text begins as numbers and dates do, by its first byte: most do not, and cost no copy.
    private static func mayBeNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        return switch first {
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), 0x20, 0x09: true
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "i"), UInt8(ascii: "I"): true
        default: false
        }
    }
}

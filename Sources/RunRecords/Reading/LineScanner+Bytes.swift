extension LineScanner {
    @inline(__always)
    func skipSpace(_ cursor: inout UnsafePointer<UInt8>) {
        while cursor.pointee == 0x20 || cursor.pointee == 0x09 || cursor.pointee == 0x0D { cursor += 1 }
    }

    /// A network file system shows zeros where a write has not arrived: they are no part of the line.
    /// - Returns: How many there were.
    func skipZeros(_ cursor: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
        let start = cursor
        while cursor < end, cursor.pointee == 0 { cursor += 1 }
        return cursor - start
    }

    /// From the opening quote to behind the closing one; control bytes and invalid UTF-8 are refused.
    func skipString(
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
    static func show(_ cursor: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> String {
        if cursor == end { return "the end of the line" }
        let byte = cursor.pointee
        guard byte > 0x20, byte < 0x7F else { return "byte 0x" + String(byte, radix: 16, uppercase: true) }
        return "'\(UnicodeScalar(byte))'"
    }
}

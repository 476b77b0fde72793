import Glibc

/// Reads a log that is one JSON array of objects, on one line or many, into a segment.
///
/// Elements are found by their braces and then read like lines; they are numbered where lines would be.
/// Memory stays at one block or one element, whichever is larger, and one segment.
struct ArrayReader: ~Copyable {
    private static let blockSize = 1 << 20
    private static let padding = 64

    private var buffer: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Where the open element begins in `buffer`.
    private var elementStart: Int?
    private var isStraySeen = false
    private var isClosed = false
    private var isTrailerSeen = false
    private var scanner = LineScanner(into: LogSegment())
    /// Set once an element was longer than a line may be: its bytes are dropped, its end still sought.
    private var isOverlong = false

    /// Reads elements from the file's start up to its last complete one.
    ///
    /// - Parameters:
    ///   - file: The log.
    ///   - consume: Receives one segment after the other, in order.
    /// - Returns: How many bytes of an unfinished element or array stand at the end.
    /// - Throws: `RunRecordsError.read`, and what `consume` throws.
    mutating func read(_ file: LogFile, consume: (LogSegment) throws -> Void) throws -> Int {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockSize, alignment: 16)
        defer { block.deallocate() }
        var offset = 0
        while true {
            let count = try file.read(into: block, at: offset)
            if count == 0 { break }
            offset += count
            let scanned = buffer.count
            buffer.append(contentsOf: block[..<count])
            try scan(from: scanned, consume)
            try handOn(consume)
        }
        return isClosed ? 0 : max(1, buffer.count - (elementStart ?? buffer.count))
    }

    private mutating func handOn(_ consume: (LogSegment) throws -> Void) throws {
        scanner.finish()
        try consume(scanner.segment)
        scanner = LineScanner(into: LogSegment())
    }

    /// Runs over the new bytes and keeps in `buffer` only an open element.
    private mutating func scan(from first: Int, _ consume: (LogSegment) throws -> Void) throws {
        var open: [UInt8] = []
        swap(&open, &buffer)
        let count = open.count
        open.append(contentsOf: repeatElement(0, count: Self.padding))
        try open.withUnsafeMutableBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            for index in first..<count {
                step(base, index)
                if scanner.isFull { try handOn(consume) }
            }
        }
        open.removeLast(Self.padding)
        swap(&open, &buffer)
        if let start = elementStart, !isOverlong {
            buffer.removeSubrange(..<start)
            elementStart = 0
            if buffer.count > SegmentReader.lineLimit {
                isOverlong = true
                buffer.removeAll()
            }
        } else {
            buffer.removeAll(keepingCapacity: true)
        }
    }

    @inline(__always)
    private mutating func step(_ base: UnsafeMutablePointer<UInt8>, _ index: Int) {
        let byte = base[index]
        if isClosed {
            noteTrailer(byte)
            return
        }
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            noteStray()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if depth == 1, byte == UInt8(ascii: "{") { elementStart = index }
            if depth == 1, byte == UInt8(ascii: "[") { noteStray() }
            depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth == 1, let start = elementStart { finish(base, start, index) }
            if depth <= 0 { isClosed = true }
        case UInt8(ascii: ","):
            if depth == 1 { isStraySeen = false }
        case 0x0A:
            // Line breaks between tokens are spaces to the scanner.
            base[index] = 0x20
        case 0x20, 0x09, 0x0D: break
        default: noteStray()
        }
    }

    /// Counts an element that is no object, once.
    private mutating func noteStray() {
        guard depth == 1, !isStraySeen else { return }
        isStraySeen = true
        scanner.reject("an element of the array that is not an object")
    }

    /// Counts what stands behind the array, once.
    private mutating func noteTrailer(_ byte: UInt8) {
        guard !isTrailerSeen, !LogCursor.isBlank(byte) else { return }
        isTrailerSeen = true
        scanner.reject("text after the end of the array")
    }

    private mutating func finish(_ base: UnsafeMutablePointer<UInt8>, _ start: Int, _ end: Int) {
        elementStart = nil
        guard !isOverlong else {
            isOverlong = false
            scanner.reject("an element longer than \(SegmentReader.lineLimit >> 20) MiB")
            return
        }
        let saved = base[end + 1]
        base[end + 1] = 0x0A
        scanner.scan(base + start, base + end + 1)
        base[end + 1] = saved
    }
}

import Glibc

/// Reads one stretch of a log into a segment, block by block.
///
/// A stretch owns the lines that begin inside it: it starts behind the first newline at or after
/// `start - 1` and reads past `end` for the rest of its last line. Memory stays at one block however long a
/// line is, up to `lineLimit`; a longer line is counted as bad and passed over.
///
/// `@unchecked Sendable`: one task uses a reader at a time; `LogReader` hands it from one to the next.
final class SegmentReader: @unchecked Sendable {
    /// Longer lines are errors: no trainer writes them, and buffering them would let one bad writer take
    /// all memory.
    static let lineLimit = 4 << 20
    private static let blockSize = 256 << 10
    /// Bytes that may be read behind the last newline by look-ahead.
    private static let padding = 64

    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int

    init() {
        capacity = Self.blockSize
        buffer = .allocate(capacity: capacity + Self.padding)
        buffer.initialize(repeating: 0, count: capacity + Self.padding)
    }

    deinit { buffer.deallocate() }

    /// - Parameters:
    ///   - file: The log.
    ///   - start: Where the stretch begins.
    ///   - end: Where it ends: lines beginning at or after it belong to others.
    ///   - limit: Behind the last newline of the file; nothing is read past it.
    ///   - segment: Receives what the stretch says; empty so far.
    /// - Returns: Where the lines begin that are left for another segment, as this one has enough keys; `end`
    ///   where none are.
    /// - Throws: `RunRecordsError.read`.
    func read(
        _ file: LogFile,
        from start: Int,
        to end: Int,
        limit: Int,
        into segment: LogSegment
    ) throws(RunRecordsError) -> Int {
        var scanner = LineScanner(into: segment)
        defer { scanner.finish() }
        var offset = start
        var held = 0
        var isSkipping = start > 0
        if start > 0 { offset = start - 1 }
        // True while inside the tail of a line that another stretch owns or that is over-long.
        var isOverlong = false
        while offset + held < limit {
            if held == capacity { enlarge(held) }
            // Locals, as each use of a class's own property is checked at run time.
            let (buffer, capacity) = (buffer, capacity)
            let wanted = min(capacity - held, limit - offset - held)
            let count = try file.read(
                into: UnsafeMutableRawBufferPointer(start: buffer + held, count: wanted),
                at: offset + held
            )
            guard count > 0 else { break }
            let filled = held + count
            var lineStart = 0
            while let newline = memchr(buffer + lineStart, 0x0A, filled - lineStart) {
                let lineEnd = UnsafeRawPointer(newline) - UnsafeRawPointer(buffer)
                if isSkipping {
                    isSkipping = false
                    if isOverlong {
                        isOverlong = false
                        scanner.reject(
                            "longer than \(Self.lineLimit >> 20) MiB; a metrics line is far shorter"
                        )
                    }
                } else {
                    if offset + lineStart >= end { return end }
                    scanner.scan(buffer + lineStart, buffer + lineEnd)
                    if scanner.isFull { return offset + lineEnd + 1 }
                }
                lineStart = lineEnd + 1
            }
            held = filled - lineStart
            offset += lineStart
            if offset >= end, !isSkipping { return end }
            if isSkipping {
                // Nothing of this line is wanted.
                offset += held
                held = 0
                if !isOverlong, offset >= end { return end }
            } else if held >= Self.lineLimit {
                isSkipping = true
                isOverlong = true
                offset += held
                held = 0
            } else if lineStart > 0, held > 0 {
                memmove(buffer, buffer + lineStart, held)
            }
        }
        return end
    }

    private func enlarge(_ held: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + Self.padding)
        larger.initialize(repeating: 0, count: capacity * 2 + Self.padding)
        larger.update(from: buffer, count: held)
        buffer.deallocate()
        buffer = larger
        capacity *= 2
    }
}

import Files

/// Reads the complete lines of a log, from its start or from where a cursor stopped.
///
/// A long stretch is cut into segments that are parsed in parallel and handed on in order. Memory is bounded
/// by the segments in flight, whatever the log's length.
package struct LogReader: Sendable {
    package let path: String
    /// How many segments are parsed at once.
    package let parallelism: Int

    static let segmentSize = 1 << 20

    package init(path: String, parallelism: Int) {
        self.path = path
        self.parallelism = max(1, parallelism)
    }

    /// Reads on and hands each segment to `consume`, in the order of the log.
    ///
    /// - Parameters:
    ///   - cursor: Where to go on, or nil to begin at the start. The caller has made sure, by
    ///     `LogCursor.change(at:)`, that the log still is the one the cursor was taken from.
    ///   - consume: Called with one segment after the other, never concurrently.
    /// - Returns: The cursor to go on from.
    /// - Throws: `RunRecordsError.read` when the file cannot be read, what `consume` throws, and
    ///   `CancellationError`.
    package func read(
        from cursor: LogCursor?,
        consume: (LogSegment) throws -> Void
    ) async throws -> LogCursor {
        let file = try LogFile(path: path)
        let size = file.identity.size
        if cursor == nil, try Self.isArray(file) {
            var reader = ArrayReader()
            var elements = 0
            let unfinishedBytes = try reader.read(file) { segment in
                elements += segment.lineCount
                try consume(segment)
            }
            return try self.cursor(file, offset: size, lines: elements, unfinished: unfinishedBytes, true)
        }
        let start = cursor?.offset ?? 0
        let limit = try file.endOfCompleteLines(from: start, to: size)
        var lines = cursor?.lineCount ?? 0
        if limit - start <= Self.segmentSize {
            try Self.readRest(file, SegmentReader(), from: start, to: limit, limit: limit) { segment in
                lines += segment.lineCount
                try consume(segment)
            }
        } else {
            try await readSegments(file, from: start, limit: limit) { segment in
                lines += segment.lineCount
                try consume(segment)
            }
        }
        return try self.cursor(file, offset: limit, lines: lines, unfinished: size - limit, false)
    }

    /// Parses one stretch into as many segments as its keys need: one, unless it has thousands of them.
    private static func readRest(
        _ file: LogFile,
        _ reader: SegmentReader,
        from start: Int,
        to end: Int,
        limit: Int,
        consume: (LogSegment) throws -> Void
    ) throws {
        var position = start
        while position < end {
            try Task.checkCancellation()
            let segment = LogSegment()
            position = try reader.read(file, from: position, to: end, limit: limit, into: segment)
            try consume(segment)
        }
    }

    /// Parses segments in parallel, a bounded number ahead of the one being consumed.
    private func readSegments(
        _ file: LogFile,
        from start: Int,
        limit: Int,
        consume: (LogSegment) throws -> Void
    ) async throws {
        let count = (limit - start + Self.segmentSize - 1) / Self.segmentSize
        // One more than there are readers, or the readers would wait while the consumer works.
        let ahead = parallelism == 1 ? 1 : parallelism + 1
        try await withThrowingTaskGroup(of: (number: Int, stretch: Stretch).self) { group in
            var started = 0
            var finished: [Int: Stretch] = [:]
            var idle: [Stretch] = []
            for index in 0..<count {
                while started < count, started < index + ahead {
                    let number = started
                    var stretch = idle.popLast() ?? Stretch()
                    stretch.end = min(limit, start + (number + 1) * Self.segmentSize)
                    let next = stretch
                    group.addTask {
                        try Task.checkCancellation()
                        var stretch = next
                        stretch.position = try stretch.reader.read(
                            file,
                            from: start + number * Self.segmentSize,
                            to: stretch.end,
                            limit: limit,
                            into: stretch.segment
                        )
                        return (number, stretch)
                    }
                    started += 1
                }
                while finished[index] == nil, let (number, stretch) = try await group.next() {
                    finished[number] = stretch
                }
                guard var stretch = finished.removeValue(forKey: index) else { continue }
                try consume(stretch.segment)
                // In order, and so not ahead of the consumer: there may be any number of them.
                try Self.readRest(
                    file,
                    stretch.reader,
                    from: stretch.position,
                    to: stretch.end,
                    limit: limit,
                    consume: consume
                )
                // Unless the consumer kept it.
                if isKnownUniquelyReferenced(&stretch.segment) {
                    stretch.segment.reuse()
                    idle.append(stretch)
                }
            }
        }
    }

    /// A reader and the segment it fills, used for one stretch after the other.
    private struct Stretch: Sendable {
        let reader = SegmentReader()
        var segment = LogSegment()
        /// Where it ends, and how far it has been read.
        var end = 0
        var position = 0
    }

    private func cursor(
        _ file: LogFile,
        offset: Int,
        lines: Int,
        unfinished: Int,
        _ isArray: Bool
    ) throws(RunRecordsError) -> LogCursor {
        let sample = min(offset, LogCursor.sampleSize)
        return LogCursor(
            identity: file.identity,
            offset: offset,
            lineCount: lines,
            unfinishedBytes: unfinished,
            isArray: isArray,
            head: try file.bytes(at: 0, count: sample),
            tail: try file.bytes(at: offset - sample, count: sample)
        )
    }

    /// Whether a log is one array of objects: it begins with `[` and then an object or the end.
    ///
    /// Lines may begin with a `[` too: `[rank 0] warming up`. While nothing follows it, it may be either and
    /// counts as an array, for an array is read anew when more comes.
    private static func isArray(_ file: LogFile) throws(RunRecordsError) -> Bool {
        let start = try file.bytes(at: 0, count: LogCursor.sampleSize)
        let text = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start[3...] : start[...]
        let marks = text.lazy.filter { !LogCursor.isBlank($0) }.prefix(2)
        guard marks.first == UInt8(ascii: "[") else { return false }
        guard let second = marks.dropFirst().first else { return true }
        return second == UInt8(ascii: "{") || second == UInt8(ascii: "]")
    }
}

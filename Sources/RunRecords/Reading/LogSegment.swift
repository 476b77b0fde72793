/// What a stretch of a log says: its rows by column, its events, and the lines it could not read.
///
/// `@unchecked Sendable`: the scanner that fills a segment owns it alone; once handed on it is only read.
package final class LogSegment: @unchecked Sendable {
    var table = ColumnTable()
    /// Rows are lines with metrics, numbered from 0 in each segment.
    package internal(set) var rowCount = 0
    /// Lines of any kind, blank ones too.
    package internal(set) var lineCount = 0
    package internal(set) var events: [LogEvent] = []
    package internal(set) var badLineCount = 0
    /// The first few and the newest few of them; lines are numbered from 1 in each segment.
    package internal(set) var badLines: [BadLine] = []
    /// The newest text of each key whose value is a string that spells no number.
    package private(set) var texts: [String: String] = [:]
    /// The keys of `texts`, in the order in which they were first met.
    package private(set) var textKeys: [String] = []
    /// Values left out because their line had too many or their key was too long.
    package internal(set) var refusedValueCount = 0

    /// So many bad lines are kept of a segment.
    package static let keptBadLines = 20
    /// A segment with more texts is complete with the line that brought them.
    static let textLimit = 4096

    /// Empties the segment for another stretch.
    ///
    /// Memory that was touched once is cheap to use again; new memory costs a page fault every 4 KiB, and
    /// with several readers each waits for the others' faults.
    func reuse() {
        if table.count > ColumnTable.reusableCount {
            table = ColumnTable()
        } else {
            table.removeAllValues()
        }
        rowCount = 0
        lineCount = 0
        events.removeAll()
        badLineCount = 0
        badLines.removeAll()
        texts.removeAll()
        textKeys.removeAll()
        refusedValueCount = 0
    }

    func note(_ text: String, of key: String) {
        if texts.updateValue(text, forKey: key) == nil { textKeys.append(key) }
    }

    func reject(line: Int, _ reason: String) {
        badLineCount += 1
        if badLines.count >= Self.keptBadLines { badLines.remove(at: Self.keptBadLines / 2) }
        badLines.append(BadLine(line: line, reason: reason))
    }
}

/// A line that is not a JSON object.
package struct BadLine: Sendable, Equatable {
    package let line: Int
    package let reason: String

    package init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }
}

/// A line with an `event` key.
package struct LogEvent: Sendable, Equatable {
    package let name: String
    package let fields: JSONValue
    /// How many rows of its segment came before it.
    package let row: Int

    package init(name: String, fields: JSONValue, row: Int) {
        self.name = name
        self.fields = fields
        self.row = row
    }
}

extension LogSegment {
    /// One key's values, in row order.
    package struct Column: Sendable {
        let segment: LogSegment
        let index: Int

        private var storage: ColumnStorage { segment.table.columns[index] }

        /// The key as text; nested keys are joined by `/`.
        package var name: String {
            let raw = rawKey
            return JSONString.decode(raw[...]) ?? String(decoding: raw, as: UTF8.self)
        }

        package var count: Int { storage.count }

        /// The key's bytes as written.
        package var rawKey: [UInt8] {
            let storage = storage
            return Array(UnsafeBufferPointer(start: storage.key, count: storage.keyLength))
        }

        /// The row of the first value and its place on that line; meaningless while there is none.
        ///
        /// With these, columns can be ordered as a reader of the log meets them.
        package var firstAppearance: (row: Int, place: Int) {
            (Int(storage.firstRow), Int(storage.firstPlace))
        }

        /// The last row with a value; -1 while there is none.
        package var lastRow: Int { count > 0 ? Int(storage.row(at: count - 1)) : -1 }

        /// Whether a row has a value, and the last row before it that has one.
        package func find(row: Int) -> (previousRow: Int?, isThere: Bool) {
            let storage = storage
            let found = storage.find(row: UInt32(truncatingIfNeeded: row))
            return (found.previous.map { Int(storage.row(at: $0)) }, found.isThere)
        }

        /// Calls `body` with each value and its row.
        @inline(__always)
        package func forEach(_ body: (_ row: Int, _ value: Double) -> Void) {
            let storage = storage
            if let rows = storage.rows {
                for index in 0..<storage.count { body(Int(rows[index]), storage.values[index]) }
            } else {
                let first = Int(storage.firstRow)
                for index in 0..<storage.count { body(first + index, storage.values[index]) }
            }
        }
    }

    /// The columns that have values, in no order that means anything.
    package var columns: [Column] {
        (0..<table.count).map { Column(segment: self, index: $0) }.filter { $0.count > 0 }
    }
}

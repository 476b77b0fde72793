import TestSupport

@testable import RunRecords

/// A log in a temporary folder, and what reading it gives.
final class LogFixture {
    let directory: TemporaryDirectory
    let path: String

    init(_ bytes: [UInt8]) throws {
        directory = try TemporaryDirectory()
        path = directory.path(of: "metrics.jsonl")
        try directory.write(bytes, to: "metrics.jsonl")
    }

    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

    func append(_ text: String) throws { try directory.append(text, to: "metrics.jsonl") }

    func replace(_ text: String) throws { try directory.write(text, to: "metrics.jsonl") }

    /// Every value by key, in row order, and what else was found.
    struct Contents: Equatable {
        var columns: [String: [Double?]] = [:]
        var rowCount = 0
        var lineCount = 0
        var events: [String] = []
        var badLineCount = 0
        var badLines: [BadLine] = []
        var texts: [String: String] = [:]

        mutating func fold(_ segment: LogSegment) {
            for column in segment.columns {
                var values = columns[column.name] ?? []
                column.forEach { row, value in
                    while values.count < rowCount + row { values.append(nil) }
                    values.append(value)
                }
                columns[column.name] = values
            }
            rowCount += segment.rowCount
            for line in segment.badLines {
                badLines.append(BadLine(line: lineCount + line.line, reason: line.reason))
            }
            lineCount += segment.lineCount
            events += segment.events.map(\.name)
            badLineCount += segment.badLineCount
            texts.merge(segment.texts) { $1 }
        }

        func values(_ key: String) -> [Double] { (columns[key] ?? []).compactMap { $0 } }
    }

    func read(from cursor: LogCursor? = nil, parallelism: Int = 2) async throws -> (Contents, LogCursor) {
        var contents = Contents()
        let next = try await LogReader(path: path, parallelism: parallelism).read(from: cursor) {
            contents.fold($0)
        }
        return (contents, next)
    }
}

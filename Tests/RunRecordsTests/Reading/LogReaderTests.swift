import TestSupport
import Testing

@testable import RunRecords

/// The rules every reader of a run folder follows: `docs/run-folder.md`.
@Suite struct LogReaderTests {
    @Test func `keys become columns, nested keys are joined, rows may differ`() async throws {
        let log = try LogFixture(
            """
            {"step":1,"train":{"loss":2.5,"deep":{"x":1}},"flag":true}
            {"step":2,"eval/loss":3,"list":[4,5]}
            {"step":3,"train":{"loss":1.5}}

            """
        )
        let (contents, cursor) = try await log.read()
        #expect(contents.columns["step"] == [1, 2, 3])
        #expect(contents.columns["train/loss"] == [2.5, nil, 1.5])
        #expect(contents.columns["train/deep/x"] == [1])
        #expect(contents.columns["flag"] == [1])
        #expect(contents.columns["list/0"] == [nil, 4])
        #expect(contents.columns["list/1"] == [nil, 5])
        #expect(contents.rowCount == 3 && contents.badLineCount == 0)
        #expect(cursor.unfinishedBytes == 0)
    }

    @Test func `NaN, infinities, null and numeric strings are numbers`() async throws {
        let log = try LogFixture(
            #"{"a":NaN,"b":Infinity,"c":-Infinity,"d":null,"e":"1.5","f":"nan","g":-1,"h":"5:39:46"}"# + "\n"
        )
        let (contents, _) = try await log.read()
        #expect(contents.values("a").first?.isNaN == true)
        #expect(contents.values("b") == [.infinity])
        #expect(contents.values("c") == [-.infinity])
        #expect(contents.values("d").first?.isNaN == true)
        #expect(contents.values("e") == [1.5])
        #expect(contents.values("f").first?.isNaN == true)
        #expect(contents.values("g") == [-1])
        #expect(contents.texts == ["h": "5:39:46"])
        #expect(contents.badLineCount == 0)
    }

    @Test func `a torn last line waits for its end`() async throws {
        let log = try LogFixture("{\"step\":1}\n{\"step\":2")
        let (before, cursor) = try await log.read()
        #expect(before.columns["step"] == [1])
        #expect(cursor.unfinishedBytes == 9)
        #expect(try cursor.change(at: log.path) == .unchanged)
        try log.append("2}\n{\"step\":3}\n")
        #expect(try cursor.change(at: log.path) == .appended)
        let (after, _) = try await log.read(from: cursor)
        #expect(after.columns["step"] == [22, 3])
    }

    @Test func `a bad line is skipped, counted and named with its line and reason`() async throws {
        let log = try LogFixture(
            """
            {"step":1}
            not json
            {"step":2,}
            {"step":3} trailing
            [1,2]
            {"step":4,"a":1x}
            {"step":5

            {"step":6}

            """
        )
        let (contents, _) = try await log.read()
        #expect(contents.columns["step"] == [1, 6])
        #expect(contents.badLineCount == 6)
        #expect(contents.badLines.map(\.line) == [2, 3, 4, 5, 6, 7])
        #expect(contents.badLines[0].reason == "is not a JSON object: it starts with 'n'")
        #expect(contents.badLines[2].reason == "byte 12: text after the closing brace")
        #expect(
            contents.badLines[5].reason == "byte 10: a comma or } should be here, not the end of the line"
        )
    }

    @Test func `CRLF, a byte order mark, blank lines and spaces are no matter`() async throws {
        let log = try LogFixture(
            "\u{FEFF}{\"step\":1}\r\n\r\n  { \"step\" : 2 , \"a\" : 3 }  \r\n\t\n{\"step\":4}\n"
        )
        let (contents, _) = try await log.read()
        #expect(contents.columns["step"] == [1, 2, 4])
        #expect(contents.badLineCount == 0)
    }

    @Test func `zero bytes are a hole, the line behind them counts`() async throws {
        let log = try LogFixture(
            Array("{\"step\":1}\n".utf8) + [UInt8](repeating: 0, count: 4096) + Array("{\"step\":2}\n".utf8)
                + [UInt8](repeating: 0, count: 10) + Array("\n{\"step\":3}\n".utf8)
        )
        let (contents, _) = try await log.read()
        #expect(contents.columns["step"] == [1, 2, 3])
        #expect(contents.badLineCount == 2)
        #expect(contents.badLines.first?.reason == "starts with 4096 zero bytes, a hole in the file")
    }

    @Test func `invalid UTF-8 spoils its line alone`() async throws {
        let log = try LogFixture(
            Array("{\"step\":1,\"k\":\"é\"}\n{\"step\":2,\"k\":\"".utf8) + [0xC3, 0x28]
                + Array("\"}\n{\"step\":3}\n".utf8)
        )
        let (contents, _) = try await log.read()
        #expect(contents.columns["step"] == [1, 3])
        #expect(contents.badLines.map(\.line) == [2])
    }

    @Test func `events are told apart from metrics and keep their place`() async throws {
        let log = try LogFixture(
            """
            {"step":1,"loss":2}
            {"step":1,"event":"eval","wer":0.5}
            {"step":2,"loss":1}
            {"event":"status","status":"completed"}

            """
        )
        var rows: [Int] = []
        _ = try await LogReader(path: log.path, parallelism: 1).read(from: nil) {
            rows += $0.events.map(\.row)
        }
        let (contents, _) = try await log.read()
        #expect(contents.events == ["eval", "status"])
        #expect(rows == [1, 2])
        #expect(contents.columns["wer"] ?? [] == [])
        #expect(contents.columns["loss"] == [2, 1])
    }

    @Test(arguments: ["", "\n", "\n\n\n", "{", "{}\n"])
    func `a log with nothing in it is no error`(text: String) async throws {
        let (contents, _) = try await LogFixture(text).read()
        #expect(contents.rowCount == 0 && contents.badLineCount == 0)
    }

    @Test func `a missing log and a folder in its place are errors that say so`() async throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path(of: "none.jsonl")
        await #expect(throws: RunRecordsError.self) {
            _ = try await LogReader(path: missing, parallelism: 1).read(from: nil) { _ in }
        }
        await #expect(throws: RunRecordsError.self) {
            _ = try await LogReader(path: directory.path, parallelism: 1).read(from: nil) { _ in }
        }
    }

    @Test func `segments read in parallel give the same as one`() async throws {
        var text = ""
        var expected: [Double] = []
        for step in 0..<120_000 {
            text += "{\"step\":\(step),\"train/loss\":\(Double(step) / 7),\"name\":\"\(step % 97)x\"}\n"
            expected.append(Double(step))
            if step % 1000 == 999 { text += "broken \(step)\n" }
        }
        let log = try LogFixture(text)
        #expect(text.utf8.count > LogReader.segmentSize + 1000)
        let (one, _) = try await log.read(parallelism: 1)
        let (many, cursor) = try await log.read(parallelism: 4)
        #expect(one.columns == many.columns)
        #expect(many.columns["step"] == expected)
        #expect(many.badLineCount == 120 && many.lineCount == 120_120)
        #expect(many.badLines.first?.line == 1001)
        #expect(cursor.lineCount == 120_120 && cursor.offset == text.utf8.count)
    }

    @Test func `a 50 MB line is an error in bounded memory, its neighbours are read`() async throws {
        let huge = [UInt8](repeating: UInt8(ascii: "7"), count: 50 << 20)
        let log = try LogFixture(Array("{\"step\":1}\n{\"a\":".utf8) + huge + Array("}\n{\"step\":2}\n".utf8))
        let (contents, _) = try await log.read()
        #expect(contents.columns["step"] == [1, 2])
        #expect(
            contents.badLines == [
                BadLine(line: 2, reason: "longer than 4 MiB; a metrics line is far shorter")
            ]
        )
        #expect(contents.lineCount == 3)
    }

    @Test(arguments: [1, 3]) func `a log that invents a key per line loses none, in bounded tables`(
        parallelism: Int
    ) async throws {
        let count = 150_000
        let text = (0..<count).map { "{\"step\":\($0),\"key\($0)\":1}\n" }.joined()
        let log = try LogFixture(text)
        var columnCounts: [Int] = []
        var steps: [Double] = []
        var keys = 0
        var lines = 0
        _ = try await LogReader(path: log.path, parallelism: parallelism).read(from: nil) { segment in
            columnCounts.append(segment.columns.count)
            lines += segment.lineCount
            for column in segment.columns {
                if column.name == "step" {
                    column.forEach { _, value in steps.append(value) }
                } else {
                    keys += 1
                }
            }
        }
        #expect(text.utf8.count > 3 * LogReader.segmentSize)
        #expect(steps == (0..<count).map { Double($0) })
        #expect(keys == count && lines == count)
        #expect((columnCounts.max() ?? 0) <= ColumnTable.fullCount + LineScanner.valueLimit)
    }

    @Test func `a line of very many values keeps the first of them and counts the others`() async throws {
        let members = (0..<5000).map { ",\"k\($0)\":\($0)" }.joined()
        let longKey = String(repeating: "k", count: ColumnTable.keyLimit + 1)
        let log = try LogFixture("{\"step\":1\(members)}\n{\"step\":2,\"\(longKey)\":1,\"a\":3}\n")
        // Known or not, whichever way a key is found.
        for text in ["", "{\"step\":1\(members)}\n{\"step\":2,\"\(longKey)\":1,\"a\":3}\n"] {
            try log.append(text)
            var refused = 0
            _ = try await LogReader(path: log.path, parallelism: 1).read(from: nil) {
                refused += $0.refusedValueCount
            }
            let (contents, cursor) = try await log.read()
            #expect(refused == cursor.lineCount / 2 * (5000 + 1 - LineScanner.valueLimit + 1))
            #expect(contents.values("k4094").count == cursor.lineCount / 2)
            #expect(contents.values("k4095").isEmpty && contents.badLineCount == 0)
            #expect(contents.values("a").count == cursor.lineCount / 2)
        }
    }

    @Test func `a long array takes no room beyond its first elements, and nothing from what follows`()
        async throws
    {
        let array = (0..<5000).map { $0 % 100 == 0 ? "[1,2]" : $0 % 101 == 0 ? "{\"x\":1}" : "\($0)" }
        let text = "{\"step\":1,\"hist\":[\(array.joined(separator: ","))],\"loss\":2,\"deep\":{\"a\":[1]}}\n"
        let (contents, _) = try await LogFixture(text).read()
        #expect(contents.columns["loss"] == [2] && contents.columns["deep/a/0"] == [1])
        #expect(contents.columns["hist/0/1"] == [2] && contents.columns["hist/31"] == [31])
        #expect(contents.columns.count == 3 + 31 + 2)
        let segment = LogSegment()
        var scanner = LineScanner(into: segment)
        var bytes = Array(text.utf8) + [UInt8](repeating: 0, count: 16)
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            scanner.scan(base, base + text.utf8.count - 1)
        }
        #expect(segment.table.count == contents.columns.count)
    }

    @Test func `a bad nested line leaves nothing to the lines after it`() async throws {
        let log = try LogFixture(
            """
            {"eval":{"wer":0.5,}}
            {"eval":{"wer":0.4},"note":"kept"}
            {"list":[1,2,x],"note":"lost","other":"lost"}
            {"long":[\(String(repeating: "0,", count: 40))x]}
            {"list":[3],"a":{"b":[{"c":1}]}}
            {"step":1,"phase":"lost"} trailing

            """
        )
        let (contents, _) = try await log.read()
        #expect(Set(contents.columns.keys) == ["eval/wer", "list/0", "a/b/0/c"])
        #expect(contents.texts == ["note": "kept"])
        #expect(contents.badLineCount == 4)
    }

    @Test func `texts of events describe the event, not the run`() async throws {
        let (contents, _) = try await LogFixture(
            """
            {"event":"status","status":"running","message":"hello"}
            {"step":1,"mode":"train"}

            """
        ).read()
        #expect(contents.texts == ["mode": "train"])
    }

    @Test func `texts keep the order of their keys, however many there are`() async throws {
        let text = (0..<6000).map { "{\"step\":\($0),\"key\($0 % 3000)\":\"text \($0)\"}\n" }.joined()
        let log = try LogFixture(text)
        var keys: [String] = []
        _ = try await LogReader(path: log.path, parallelism: 1).read(from: nil) { keys += $0.textKeys }
        #expect(keys == (0..<3000).map { "key\($0)" })
        let (contents, _) = try await log.read()
        #expect(contents.texts["key7"] == "text 3007")
    }

    @Test(arguments: ["[rank0] warming up\n", "[ rank0] x\n", "[1,2]\n", "[INFO] [x]\n"])
    func `a first line that merely starts with a bracket is one bad line`(first: String) async throws {
        let (contents, cursor) = try await LogFixture(first + "{\"step\":1}\n{\"step\":2}\n").read()
        #expect(contents.columns["step"] == [1, 2] && contents.badLineCount == 1)
        #expect(!cursor.isArray)
    }
}

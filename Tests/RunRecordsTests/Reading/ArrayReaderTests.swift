import Testing

@testable import RunRecords

/// A JSON array of objects counts as a log: `docs/run-folder.md`.
@Suite struct ArrayReaderTests {
    @Test(arguments: [
        #"[{"step":0,"loss":4.5},{"step":100,"loss":1.25}]"#,
        "\u{FEFF} [\n  {\n    \"step\": 0,\n    \"loss\": 4.5\n  },\n  {\"step\": 100, \"loss\": 1.25}\n]\n",
    ])
    func `on one line or many`(text: String) async throws {
        let (contents, cursor) = try await LogFixture(text).read()
        #expect(contents.columns["step"] == [0, 100])
        #expect(contents.columns["loss"] == [4.5, 1.25])
        #expect(cursor.isArray && cursor.unfinishedBytes == 0)
    }

    @Test func `braces and brackets inside strings are text`() async throws {
        let (contents, _) = try await LogFixture(#"[{"step":1,"t":"}]\"{"},{"step":2}]"#).read()
        #expect(contents.columns["step"] == [1, 2])
    }

    @Test func `an unfinished element waits, what is no object is counted`() async throws {
        let (contents, cursor) = try await LogFixture(#"[{"step":1}, 5, "x", {"step":2}, {"step":"#).read()
        #expect(contents.columns["step"] == [1, 2])
        #expect(contents.badLines.map(\.line) == [2, 3])
        #expect(cursor.unfinishedBytes > 0)
    }

    @Test func `elements across block borders`() async throws {
        let text =
            "["
            + (0..<60_000).map { "{\"step\": \($0), \"loss\": \(Double($0) / 3)}" }.joined(separator: ", ")
            + "]"
        let (contents, _) = try await LogFixture(text).read()
        #expect(contents.columns["step"] == (0..<60_000).map { Double($0) })
    }

    @Test func `a change of any kind means reading it anew`() async throws {
        let log = try LogFixture(#"[{"step":1}]"#)
        let (_, cursor) = try await log.read()
        #expect(try cursor.change(at: log.path) == .unchanged)
        try log.replace(#"[{"step":1},{"step":2}]"#)
        #expect(try cursor.change(at: log.path) == .replaced)
    }

    @Test func `what stands behind the array is counted, once`() async throws {
        let (contents, cursor) = try await LogFixture("[{\"step\":1}]\n{\"step\":2}\nmore\n").read()
        #expect(contents.columns["step"] == [1])
        #expect(contents.badLines == [BadLine(line: 2, reason: "text after the end of the array")])
        #expect(cursor.unfinishedBytes == 0)
    }

    @Test(arguments: ["", " \n", "\u{FEFF}", "[", "[\n "])
    func `what may become an array is read as one when it does`(
        beginning: String
    ) async throws {
        let log = try LogFixture(beginning)
        let (nothing, cursor) = try await log.read()
        #expect(nothing.badLineCount == 0)
        try log.append(beginning.contains("[") ? "{\"step\":1}]" : "[{\"step\":1}]")
        #expect(try cursor.change(at: log.path) == .replaced)
        let (contents, _) = try await log.read()
        #expect(contents.columns["step"] == [1] && contents.badLineCount == 0)
    }

    @Test func `an array with a new key in every element is read in bounded tables`() async throws {
        let text = "[" + (0..<30_000).map { "{\"k\($0)\":\($0)}" }.joined(separator: ",") + "]"
        let log = try LogFixture(text)
        var largest = 0
        var keys = 0
        _ = try await LogReader(path: log.path, parallelism: 1).read(from: nil) {
            largest = max(largest, $0.columns.count)
            keys += $0.columns.count
        }
        #expect(keys == 30_000 && largest <= ColumnTable.fullCount + 1)
    }
}

import TestSupport
import Testing

@testable import RunRecords

/// A damaged log never stops the reader and never costs a line that is whole.
@Suite struct ReaderFuzzTests {
    private static let lines = [
        #"{"time":1765467099.21,"step":1200,"epoch":0,"train/loss":3.916,"train/ctc_loss":1.80,"x":NaN}"#,
        #"{"step":1201,"nested":{"a":[1,2,{"b":null}],"c":"tex\"t\\ \u00e9"},"s":"1e-3","t":true}"#,
        #"{"time":"2025-12-11T15:31:39+01:00","step":1202,"event":"eval","wer":0.25,"samples":[{"reference":"é"}]}"#,
        #"{"step":1203,"train/loss":-1.25e-07,"inf":-Infinity,"word":"text","nested":{"d":{"e":5}}}"#,
    ]
    private static let text = Array((lines.joined(separator: "\n") + "\n").utf8)

    @Test func `truncated at every byte, the lines before the cut are all there`() async throws {
        for length in 0...Self.text.count {
            let log = try LogFixture(Array(Self.text[..<length]))
            let (contents, cursor) = try await log.read(parallelism: 1)
            let whole = Self.text[..<length].count { $0 == 0x0A }
            #expect(contents.lineCount == whole, "cut at \(length)")
            #expect(contents.badLineCount == 0, "cut at \(length)")
            #expect(cursor.offset + cursor.unfinishedBytes == length)
            // And going on from there gives the rest, once.
            try log.replace(String(decoding: Self.text, as: UTF8.self))
            let (_, all) = try await log.read(parallelism: 1)
            #expect(all.lineCount == Self.lines.count)
        }
    }

    @Test func `one byte changed anywhere costs no other line`() async throws {
        var random = SeededRandom.fresh()
        var alone: [LogFixture.Contents] = []
        for line in Self.lines { alone.append(try await LogFixture(line + "\n").read(parallelism: 1).0) }
        for position in Self.text.indices where Self.text[position] != 0x0A {
            var bytes = Self.text
            var byte: UInt8
            repeat { byte = UInt8.random(in: 0...255, using: &random) } while byte == 0x0A
            bytes[position] = byte
            let (contents, _) = try await LogFixture(bytes).read(parallelism: 1)
            let hit = Self.text[..<position].count { $0 == 0x0A }
            for (index, line) in alone.enumerated() where index != hit {
                for (key, values) in line.columns {
                    let (found, expected) = (contents.values(key).map(\.bitPattern), values.compactMap { $0 })
                    let isThere = expected.allSatisfy { found.contains($0.bitPattern) }
                    #expect(isThere, "\(key): byte \(position) = \(byte), \(random)")
                }
                for (key, text) in line.texts {
                    #expect(contents.texts[key] == text, "\(key): byte \(position) = \(byte), \(random)")
                }
            }
            let isLineWhole = contents.badLineCount == 0
            let known = Set(alone.indices.filter { $0 != hit }.flatMap { alone[$0].columns.keys })
            let added = Set(contents.columns.keys).subtracting(known)
            // What the changed line may add; a line that is bad adds nothing.
            if !isLineWhole { #expect(added.isEmpty, "byte \(position) = \(byte), \(random)") }
            #expect(contents.lineCount == Self.lines.count, "byte \(position) = \(byte), \(random)")
        }
    }

    @Test func `any bytes at all are read to the end`() async throws {
        var random = SeededRandom.fresh()
        let alphabet =
            Array("{}[]\",:\\0123456789.eE+-naNIfity \r\t\u{0}".utf8) + [0xFF, 0xC3, 0xA9, 0x0A, 0x0A]
        for _ in 0..<3000 {
            let count = Int.random(in: 0...300, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let (contents, cursor) = try await LogFixture(bytes).read(parallelism: 1)
            if !cursor.isArray {
                #expect(contents.lineCount == bytes.count { $0 == 0x0A }, "\(bytes), \(random)")
            }
        }
    }

    @Test func `read in any pieces, a log says the same`() async throws {
        var random = SeededRandom.fresh()
        let text = (0..<60).map { Self.lines[$0 % 4] + "\n" }.joined()
        let (whole, _) = try await LogFixture(text).read()
        for _ in 0..<40 {
            let log = try LogFixture("")
            var pieces = LogFixture.Contents()
            var cursor: LogCursor?
            var rest = Substring(text)
            while !rest.isEmpty {
                let count = Int.random(in: 1...400, using: &random)
                try log.append(String(rest.prefix(count)))
                rest = rest.dropFirst(count)
                cursor = try await LogReader(path: log.path, parallelism: 1).read(from: cursor) {
                    pieces.fold($0)
                }
            }
            #expect(pieces.rowCount == whole.rowCount && pieces.events == whole.events, "\(random)")
            #expect(pieces.values("step") == whole.values("step"), "\(random)")
        }
    }
}

import Files
import Foundation
import TestSupport
import Testing

@testable import Collector

/// What the far side answers is hostile: cut off or changed anywhere, it is understood or refused, never more.
@Suite struct SSHParsingTests {
    static let token = String(repeating: "0123456789abcdef", count: 2)

    static func frame(_ output: String, _ status: Int, _ errors: String) -> [UInt8] {
        Array("\(output)\n\(token) \(status) \(errors)\n\(token)\n".utf8)
    }

    @Test func answersComeOutWholeHoweverTheyAreCut() throws {
        let answers = [
            ("", 0, ""), ("a\nb\0c", 1, "dd: x\ny"), ("\n", 255, ""), ("\n\(Self.token)", 7, "\n\n"),
            ("0123456789abcdef\n0123", 0, "e"),
        ]
        for (output, status, errors) in answers {
            let bytes = Self.frame(output, status, errors) + Array("rest".utf8)
            for step in [1, 2, 3, 7, 31, 32, 33, 1000] {
                var parser = SSHAnswerParser(token: Self.token, limit: 100)
                var result: (SSHAnswer, rest: [UInt8])?
                var index = 0
                while result == nil, index < bytes.count {
                    let end = min(bytes.count, index + step)
                    result = try parser.feed(Array(bytes[index..<end]))
                    index = end
                }
                let answer = try #require(result)
                #expect(answer.0 == SSHAnswer(output: Array(output.utf8), status: status, errors: errors))
                #expect((answer.rest + bytes[index...]).elementsEqual("rest".utf8))
            }
        }
    }

    @Test func moreThanWasAskedForIsRefused() throws {
        var parser = SSHAnswerParser(token: Self.token, limit: 10)
        #expect(throws: CollectorError.self) { try parser.feed([UInt8](repeating: 65, count: 200)) }
        var exact = SSHAnswerParser(token: Self.token, limit: 10)
        #expect(try exact.feed(Self.frame("0123456789", 0, ""))?.0.output.count == 10)
        var over = SSHAnswerParser(token: Self.token, limit: 10)
        #expect(throws: CollectorError.self) { try over.feed(Self.frame("0123456789a", 0, "")) }
        var endless = SSHAnswerParser(token: Self.token, limit: 10)
        _ = try endless.feed(Array("x\n\(Self.token) 0 ".utf8))
        #expect(throws: CollectorError.self) {
            for _ in 0..<40 { _ = try endless.feed([UInt8](repeating: 65, count: 65_536)) }
        }
    }

    @Test func everyDamagedAnswerIsSurvived() throws {
        let good = Self.frame("f/12/1700000000.5/99/644/a\0", 0, "find: x")
        for index in good.indices {
            for change: UInt8 in [0, 0x0A, 0x20, 0x2D, 0x39, 0xFF] {
                var bytes = good
                bytes[index] = change
                var parser = SSHAnswerParser(token: Self.token, limit: 100)
                if let answer = try? parser.feed(bytes) {
                    _ = SSHListingParser.records(answer.0.output)
                    _ = SSHRemoteTools(answer: answer.0.output)
                }
            }
            var parser = SSHAnswerParser(token: Self.token, limit: 100)
            #expect(try parser.feed(Array(good[..<index])) == nil || index == good.count)
        }
    }

    @Test func listingsAreReadAndWhatIsNoRecordIsCounted() throws {
        let text =
            "f/12/1700000000.1234567890/99/644/a b/c\0d/4096/-1.5/1/1755/x\0l/3/0/2/777/n\nl\0"
            + "x81a4/7/5/3/-/./busy\0p/0/0/1/600/pipe\0"
        let (records, broken) = SSHListingParser.records(Array(text.utf8))
        #expect(broken == 0)
        #expect(
            records.map { String(decoding: $0.name, as: UTF8.self) } == [
                "a b/c", "x", "n\nl", "./busy", "pipe",
            ]
        )
        #expect(records.map(\.status.kind) == [.file, .directory, .symbolicLink, .file, .other])
        #expect(records[0].status.modifiedNanoseconds == 1_700_000_000_123_456_789)
        #expect(records[1].status.modifiedNanoseconds == -1_500_000_000)
        #expect(records[1].status.mode == 0o1755 && records[3].status.mode == 0o644)
        for bad in [
            "f/-1/0/1/644/a\0", "f/99999999999999999999/0/1/644/a\0", "f/1/99999999999999999999/1/644/a\0",
            "f/1/0/1/644/\0", "f/1/0/1\0", "\0", "f/1/0/1/644/a", "ff/1/0/1/644/a\0", "xzz/1/0/1/-/a\0",
            "f/1/1.x/1/644/a\0", "f/1/1.2.3/1/644/a\0", "f/1//1/644/a\0",
        ] {
            let (records, broken) = SSHListingParser.records(Array(bad.utf8))
            #expect(records.isEmpty && broken == 1, "\(bad)")
        }
        var random = SeededRandom.fresh()
        for _ in 0..<2000 {
            var bytes = Array(text.utf8)
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                    in: 0...255,
                    using: &random
                )
            }
            let records = SSHListingParser.records(bytes).records
            for record in records {
                #expect(record.status.size >= 0)
                _ = try? SSHListingParser.path(record.name, in: nil)
            }
        }
    }

    @Test func namesFromTheFarSideCannotLeaveTheRoot() throws {
        for bad in ["..", "a/../b", "/etc/passwd", "", ".", "./", "a//b", "a\nb", "./../x", "a/./b"] {
            #expect(throws: CollectorError.self, "\(bad)") {
                try SSHListingParser.path(Array(bad.utf8), in: nil)
            }
        }
        #expect(throws: CollectorError.self) { try SSHListingParser.path([0x61, 0xFF], in: nil) }
        let folder = try RelativePath(validating: "runs")
        #expect(try SSHListingParser.path(Array("./-a".utf8), in: folder).string == "runs/-a")
    }

    @Test func aNoisyLoginIsSkippedHoweverItIsCut() throws {
        let bytes = Array("Welcome!\n\(Self.token.dropLast())\n\(Self.token)\ndata\(Self.token)\n".utf8)
        for step in [1, 2, 5, 33, 1000] {
            var marker = SSHOutputMarker(token: Self.token)
            var output: [UInt8] = []
            var index = 0
            while index < bytes.count {
                let piece = Array(bytes[index..<min(bytes.count, index + step)])
                output += piece[try marker.skip(piece)...]
                index += piece.count
            }
            #expect(marker.isPassed && String(decoding: output, as: UTF8.self) == "data\(Self.token)\n")
        }
        var silent = SSHOutputMarker(token: Self.token)
        #expect(throws: CollectorError.self) {
            for _ in 0..<40 { _ = try silent.skip([UInt8](repeating: 65, count: 65_536)) }
        }
    }

    @Test func wordsAreQuotedForEveryShell() throws {
        for word in TransportConformanceSafetyTests.hostileNames + ["'", "''", "a'b'c", "\\'"] {
            let output = try shell("printf %s \(ShellWord.quote(word))")
            #expect(output == word)
        }
    }

    @Test func timesAreWrittenAsTouchReadsThem() {
        #expect(SSHExecTransport.time(1_500_000_000_000_000_001) == "1500000000.000000001")
        #expect(SSHExecTransport.time(0) == "0.000000000")
        #expect(SSHExecTransport.time(-1) == "-1" && SSHExecTransport.time(-1_000_000_000) == "-1")
    }

    @Test func rootsAreSeenFromTheHomeFolder() {
        #expect(SSHExecTransport.remoteRoot("~") == "." && SSHExecTransport.remoteRoot("~/runs") == "./runs")
        #expect(SSHExecTransport.remoteRoot("/a") == "/a" && SSHExecTransport.remoteRoot("runs") == "runs")
    }

    private func shell(_ script: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}

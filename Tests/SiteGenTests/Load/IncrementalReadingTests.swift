import Foundation
import RunRecords
import TestSupport
import Testing

@testable import SiteGen

/// Read in pieces as it grows, a run is what it is when read at once.
@Suite struct IncrementalReadingTests {
    private func randomLine(_ step: Int, _ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: "{\"time\":\(1_765_005_000 + step),\"step\":\(step),\"eval/loss\":NaN}\n"
        case 1:
            "{\"time\":\(1_765_005_000 + step),\"step\":\(step),\"event\":\"eval\",\"wer\":0.\(step % 10)}\n"
        case 2: "garbage\n"
        case 3: "{\"loss\":\(Double.random(in: 0...1, using: &random))}\n"
        default:
            "{\"time\":\(1_765_005_000 + step),\"step\":\(step),\"epoch\":\(step / 50),\"loss\":"
                + "\(Double.random(in: 0...1, using: &random)),\"lr\":1e-\(step % 7)}\n"
        }
    }

    @Test func `in pieces or at once, restarts and all`() async throws {
        var random = SeededRandom.fresh()
        for round in 0..<12 {
            let run = try RunFixture("")
            var log = RunLog(source: try run.source)
            var step = 0
            for _ in 0..<Int.random(in: 5...40, using: &random) {
                var text = ""
                for _ in 0..<Int.random(in: 0...(round < 6 ? 30 : 900), using: &random) {
                    text += randomLine(step, &random)
                    step += 1
                }
                if Int.random(in: 0..<15, using: &random) == 0 {
                    step = Int.random(in: 0...step, using: &random)
                }
                try run.append(text)
                _ = try await log.refresh(parallelism: 2)
            }
            let now = RunFixture.date(6000)
            let whole = try await run.report(now: 6000)
            let pieces = RunReport(log, now: now)
            // NaN is not equal to itself, so the texts are compared.
            #expect("\(pieces)" == "\(whole)", "\(random)")
        }
    }

    @Test(arguments: NastyLog.Kind.allCases)
    func `line by line, whatever it holds`(kind: NastyLog.Kind) async throws {
        var random = SeededRandom.fresh()
        var source = NastyLog(kind, SeededRandom(seed: random.next()))
        let lines = (0..<150).map { _ in Array(source.line().utf8) }
        try await expectSame(lines, "\(kind), \(random)")
    }

    @Test(arguments: NastyLog.Kind.allCases, [300, 2600])
    func `cut anywhere, whatever it holds`(kind: NastyLog.Kind, count: Int) async throws {
        var random = SeededRandom.fresh()
        var source = NastyLog(kind, SeededRandom(seed: random.next()))
        let text = (0..<count).flatMap { _ in Array(source.line().utf8) }
        var pieces: [[UInt8]] = []
        var position = 0
        while position < text.count {
            let longest = chance(&random) ? 40 : text.count / 8
            let end = min(text.count, position + Int.random(in: 1...longest, using: &random))
            pieces.append(Array(text[position..<end]))
            position = end
        }
        try await expectSame(pieces, "\(kind), \(random)")
    }

    /// Reads a log as it grows piece by piece, and at once.
    private func expectSame(_ pieces: [[UInt8]], _ hint: String) async throws {
        let run = try RunFixture("")
        var log = RunLog(source: try run.source)
        for (index, piece) in pieces.enumerated() {
            try run.append(String(decoding: piece, as: UTF8.self))
            _ = try await log.refresh(parallelism: 1 + index % 3)
            #expect(log.accumulator.isSettled, "\(hint)")
        }
        let whole = try await run.report(now: 6000)
        let grown = RunReport(log, now: RunFixture.date(6000))
        // NaN is not equal to itself, so the texts are compared.
        let isSame = "\(grown)" == "\(whole)"
        #expect(isSame, "\(hint)")
    }

    private func chance(_ random: inout SeededRandom) -> Bool { Int.random(in: 0..<3, using: &random) == 0 }

    @Test func `nothing new is no change, a replaced log is read anew`() async throws {
        let run = try RunFixture("{\"step\":1,\"a\":1}\n{\"step\":2,\"a\":2}\n")
        var log = RunLog(source: try run.source)
        #expect(try await log.refresh(parallelism: 1))
        #expect(try await !log.refresh(parallelism: 1))
        try run.directory.write("{\"step\":7,\"b\":3}\n", to: "run/metrics.jsonl")
        #expect(try await log.refresh(parallelism: 1))
        let report = RunReport(log, now: Date())
        #expect(report.series.map(\.name) == ["b"])
    }

    @Test func `a log that vanishes is told, what was known stays`() async throws {
        let run = try RunFixture("{\"step\":1,\"a\":1}\n")
        var log = RunLog(source: try run.source)
        _ = try await log.refresh(parallelism: 1)
        try FileManager.default.removeItem(atPath: run.directory.path(of: "run/metrics.jsonl"))
        #expect(try await log.refresh(parallelism: 1))
        let report = RunReport(log, now: Date())
        #expect(report.series.count == 1)
        #expect(report.problems.failures.first?.contains("metrics.jsonl") == true)
    }

    @Test func `every real log is read without a bad line`() async throws {
        guard let folder = RealLogs.directory else {
            print("skipped: \(RealLogs.absence)")
            return
        }
        let sources = try RunSource.discover(in: folder + "/jsonl")
        #expect(sources.count == 5)
        for source in sources {
            var log = RunLog(source: source)
            _ = try await log.refresh(parallelism: 2)
            let report = RunReport(log, now: Date())
            #expect(report.problems.badLineCount == 0 && report.problems.failures.isEmpty, "\(source.id)")
            #expect(report.axis == .step && report.series.count >= 3, "\(source.id)")
        }
    }
}

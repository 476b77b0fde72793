import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("JSON twins of the pages") struct RunJSONTests {
    @Test("A run with something of everything")
    func run() {
        assertSnapshot(String(decoding: RunJSON.bytes(for: APIFixture.full), as: UTF8.self), as: "run.json")
    }

    @Test("The list of runs")
    func runs() {
        let reports = [APIFixture.full, APIFixture.report(id: "empty", status: .waiting)]
        assertSnapshot(String(decoding: RunsJSON.bytes(for: reports), as: UTF8.self), as: "runs.json")
    }

    @Test("The points of a run")
    func series() {
        assertSnapshot(
            String(decoding: SeriesJSON.bytes(for: APIFixture.full), as: UTF8.self),
            as: "series.json"
        )
    }

    @Test("The status in the old shape")
    func status() {
        let text = String(decoding: TrainingStatusJSON.bytes(for: APIFixture.full), as: UTF8.self)
        assertSnapshot(text, as: "training-status.json")
    }

    @Test("Status words and what comes with them")
    func statusMembers() throws {
        let failed = try object(
            RunJSON.bytes(for: APIFixture.report(id: "r", status: .error(message: "boom")))
        )
        #expect(failed["status"] as? String == "error")
        #expect(failed["statusMessage"] as? String == "boom")
        let since = Date(timeIntervalSince1970: 12)
        let silent = try object(RunJSON.bytes(for: APIFixture.report(id: "r", status: .silent(since: since))))
        #expect(silent["status"] as? String == "silent")
        #expect(silent["silentSince"] as? Double == 12)
        for (status, word) in [
            (.running, "running"), (.completed, "completed"), (.stopped, "stopped"), (.waiting, "waiting"),
        ] as [(RunStatus, String)] {
            let run = try object(RunJSON.bytes(for: APIFixture.report(id: "r", status: status)))
            #expect(run["status"] as? String == word)
        }
    }

    @Test("Keys that clash keep both values")
    func configurationClash() throws {
        let run = try object(RunJSON.bytes(for: APIFixture.full))
        let configuration = try #require(run["config"] as? [String: String])
        #expect(configuration == ["optimizer.lr": "0.0003", "optimizer.lr (2)": "clash"])
    }

    @Test(
        "Every file can stand inside a page: no markup, no line ends of old scripts, one newline at the end"
    )
    func embedding() {
        let report = APIFixture.full
        for bytes in [
            RunJSON.bytes(for: report), RunsJSON.bytes(for: [report]), SeriesJSON.bytes(for: report),
            TrainingStatusJSON.bytes(for: report),
        ] {
            let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
            for scalar in ["<", ">", "&", "\u{2028}", "\u{2029}"] as [Unicode.Scalar] {
                #expect(!scalars.contains(scalar))
            }
            #expect(bytes.last == UInt8(ascii: "\n"))
            #expect(bytes.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        }
    }

    @Test("Series read back bit for bit, and what is not finite as null")
    func seriesReadBack() throws {
        var random = SeededRandom.fresh()
        let points = (0..<2_000).map { index -> (Double, Double) in
            let bits = Double(bitPattern: random.next())
            return (Double(index), index % 7 == 0 ? bits : Double.random(in: -10...10, using: &random))
        }
        let report = APIFixture.report(id: "r", series: [APIFixture.series("a", points)])
        // Not JSONSerialization: it reads long numbers by way of decimals and misses the last bits.
        let file = try JSONDecoder().decode(SeriesFile.self, from: Data(SeriesJSON.bytes(for: report)))
        let series = try #require(file.series.first)
        #expect(series.x == points.map(\.0))
        #expect(series.y.count == points.count)
        for (read, point) in zip(series.y, points) {
            #expect(read?.bitPattern == (point.1.isFinite ? point.1.bitPattern : nil), "\(random)")
        }
    }

    private struct SeriesFile: Decodable {
        struct Series: Decodable {
            let x: [Double]
            let y: [Double?]
        }
        let series: [Series]
    }

    @Test("A point of full precision takes at most 28 bytes, one of a smoothed curve at most 18")
    func sizes() {
        var random = SeededRandom.fresh()
        let points = (0..<4_000).map { (Double($0 * 250), Double.random(in: -10...10, using: &random)) }
        let plain = SeriesJSON.bytes(
            for: APIFixture.report(id: "r", series: [APIFixture.series("a", points)])
        )
        let smoothed = SeriesJSON.bytes(
            for: APIFixture.report(id: "r", series: [APIFixture.series("a", points, smoothedWith: 10)])
        )
        #expect(plain.count < 28 * points.count, "\(random)")
        #expect(smoothed.count - plain.count < 18 * points.count, "\(random)")
    }

    @Test("Hostile names come back as they were")
    func hostileNames() throws {
        let pieces = [
            "\"", "\\", "<", ">", "&", "\u{0}", "\n", "\u{2028}", "\u{301}", "\u{202E}", "🙂", "</script>",
            "a", "/",
        ]
        var random = SeededRandom.fresh()
        for _ in 0..<200 {
            let name = random.text(0...20, of: pieces)
            let report = APIFixture.report(id: "r", name: name, series: [APIFixture.series(name, [(0, 1)])])
            let run = try object(RunJSON.bytes(for: report))
            #expect((run["name"] as? String)?.utf8.elementsEqual(name.utf8) == true, "\(random)")
            let runs = try object(RunsJSON.bytes(for: [report]))
            let latest = try #require((runs["runs"] as? [[String: Any]])?.first?["latest"] as? [String: Any])
            #expect(latest.keys.first?.utf8.elementsEqual(name.utf8) == true, "\(random)")
        }
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }
}

import Foundation
import TestSupport
import Testing

@testable import SiteGen

@Suite("Line charts")
struct LineChartTests {
    private func wave(_ name: String, from: Double, to: Double, count: Int = 60) -> SeriesReport {
        let values = (0..<count).map { index in
            let share = Double(index) / Double(count - 1)
            return to + (from - to) * exp(-5 * share) + 0.05 * sin(Double(index * 7))
        }
        return ChartFixtures.report(name, ChartFixtures.points(values, stride: 1700))
    }

    @Test("Losses of one run")
    func losses() {
        let chart = ChartFixtures.chart(
            [wave("train/loss", from: 4.2, to: 0.3), wave("train/ctc_loss", from: 2, to: 0.2)],
            restarts: [50_000]
        )
        assertSnapshot(ChartFixtures.html(chart), as: "losses.html")
    }

    @Test("Everything that can go wrong in one chart")
    func troubles() {
        var values = (0..<80).map { 1 + 0.2 * sin(Double($0)) }
        values[10] = 963
        values[20] = .nan
        values[21] = .nan
        values[23] = .infinity
        let points = ChartFixtures.points(values, stride: 10)
        let noisy = ChartFixtures.report(
            "grad_norm",
            points,
            smoothed: points.map { DataPoint(x: $0.x, y: 1) },
            discarded: [ChartFixtures.points([3, 2, 1], stride: 100)]
        )
        let chart = ChartFixtures.chart(
            [noisy, ChartFixtures.report("once", [DataPoint(x: 400, y: 1)])],
            id: "troubles",
            title: "Troubles",
            role: .other,
            restarts: [200]
        )
        let html = ChartFixtures.html(chart)
        assertSnapshot(html, as: "troubles.html")
        #expect(html.contains("▲ grad_norm 963 at step 100 is above this chart"))
        #expect(
            html.contains("class=\"gaps\"") && html.contains("class=\"points\"")
                && html.contains("class=\"beyond\"")
        )
        #expect(html.contains("class=\"branch\"") && html.contains("has-smooth"))
    }

    @Test("Zeros on a log axis")
    func zeros() {
        let values = (0..<100).map { $0 % 30 > 25 ? 0 : 4 * exp(-Double($0) / 6) }
        let chart = ChartFixtures.chart([ChartFixtures.report("train_loss", ChartFixtures.points(values))])
        let html = ChartFixtures.html(chart)
        assertSnapshot(html, as: "zeros.html")
        #expect(html.contains("data-yscale=\"log\"") && html.contains("class=\"floor-hole\""))
    }

    @Test("Runs overlaid")
    func compare() {
        let reports = [wave("train/loss", from: 4, to: 0.3), wave("train/loss", from: 5, to: 0.2)]
        let slots = Palette.slots(for: ["run-a", "run-b"])
        let chart = LineChart(
            id: "loss",
            title: "train/loss",
            role: .loss,
            axis: .relative,
            series: zip(reports, zip(["run-a", "run-b"], slots)).map { report, run in
                ChartSeries(report, runID: run.0, label: run.0, slot: run.1)
            }
        )
        assertSnapshot(ChartFixtures.html(chart), as: "compare.html")
    }

    @Test("A chart without values says so")
    func empty() {
        let chart = ChartFixtures.chart([ChartFixtures.report("loss", ChartFixtures.points([.nan, .nan]))])
        let html = ChartFixtures.html(chart)
        #expect(html.contains("No finite values yet"))
        #expect(html.contains("loss has no finite value yet. 2 values are not numbers."))
    }

    @Test("The description tells the story")
    func story() {
        let fall = ChartFixtures.report(
            "train/loss",
            ChartFixtures.points([4.2, 0.29, 0.31], stride: 49_700)
        )
        #expect(
            ChartFixtures.html(ChartFixtures.chart([fall])).contains(
                "train/loss falls from 4.2 at step 0 to 0.31 at step 99.4k; lowest 0.29 at step 49.7k."
            )
        )
        let flat = ChartFixtures.report("lr", ChartFixtures.points([1e-4, 1e-4]))
        #expect(
            ChartFixtures.html(ChartFixtures.chart([flat])).contains(
                "lr stays at 1e-4 from step 0 to step 1."
            )
        )
    }

    @Test("Averages are drawn over noise only")
    func averages() {
        let noisy = ChartFixtures.noisyMillion("loss", trend: { _ in 1 }, noise: 0.1, seed: 1)
        #expect(ChartFixtures.html(ChartFixtures.chart([noisy])).contains("has-smooth"))
        let steady = ChartFixtures.points((0..<300).map { Double($0) })
        let calm = ChartFixtures.report("acc", steady, smoothed: steady)
        #expect(!ChartFixtures.html(ChartFixtures.chart([calm])).contains("has-smooth"))
        let rate = ChartFixtures.noisyMillion("lr", trend: { _ in 1 }, noise: 0.1, seed: 1)
        #expect(!ChartFixtures.html(ChartFixtures.chart([rate])).contains("has-smooth"))
    }

    @Test("Names from outside cannot break out, and the markup stays well formed")
    func hostileNames() throws {
        for name in NamesTests.hostile {
            let html = ChartFixtures.html(
                ChartFixtures.chart(
                    [ChartFixtures.report(name, ChartFixtures.points([1, 2, 3]))],
                    title: name,
                    role: .other
                )
            )
            #expect(!html.contains("<script") && !html.contains("style="), "\(name)")
            // Everything but the HTML-only attributes parses as XML, so tags and quotes are balanced.
            let parser = XMLTagBalance(html)
            #expect(parser.isBalanced, "\(name)")
            if name.utf8.count > 5000 { #expect(html.utf8.count < 60_000) }
        }
    }

    @Test("Any values, however odd, make a chart")
    func anyValues() {
        var random = SeededRandom.fresh()
        for _ in 0..<150 {
            let points = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                DataPoint(
                    x: Double(bitPattern: random.next()),
                    y: Bool.random(using: &random)
                        ? Double(bitPattern: random.next()) : Double.random(in: 0...1, using: &random)
                )
            }
            let html = ChartFixtures.html(ChartFixtures.chart([ChartFixtures.report("a", points)]))
            #expect(XMLTagBalance(html).isBalanced, "\(random)")
        }
    }

    @Test("Sparklines and rings")
    func smallDrawings() {
        let spark = Sparkline.svg(
            wave("train/loss", from: 4.2, to: 0.3),
            slot: PaletteSlot(colour: 0, dash: 0)
        )
        assertSnapshot(String(decoding: spark, as: UTF8.self), as: "sparkline.svg")
        let none = Sparkline.svg(ChartFixtures.report("<x>", []), slot: PaletteSlot(colour: 1, dash: 0))
        #expect(String(decoding: none, as: UTF8.self).contains("aria-label=\"&lt;x&gt;: no values yet\""))
        let ring = ProgressRing.svg(fraction: 0.4, value: "2/5", label: "Epoch")
        assertSnapshot(String(decoding: ring, as: UTF8.self), as: "ring.svg")
        for fraction in [nil, Double.nan, 0, -1] as [Double?] {
            let text = String(
                decoding: ProgressRing.svg(fraction: fraction, value: "–", label: "GPU"),
                as: UTF8.self
            )
            #expect(!text.contains("ring-value"))
        }
        let full = String(decoding: ProgressRing.svg(fraction: 7, value: "", label: ""), as: UTF8.self)
        #expect(full.contains("stroke-dasharray=\"1000 1000\""))
    }
}

/// A strict reading of tags: every element closed in order, every attribute quoted, no `<` or `>` elsewhere.
struct XMLTagBalance {
    private(set) var isBalanced = true

    init(_ html: String) {
        var open: [Substring] = []
        var rest = Substring(html)
        while let start = rest.firstIndex(of: "<") {
            if rest[..<start].contains(">") { isBalanced = false }
            guard let end = rest[start...].firstIndex(of: ">") else {
                isBalanced = false
                return
            }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
            if tag.utf8.filter({ $0 == UInt8(ascii: "\"") }).count % 2 != 0 || tag.contains("<")
                || name.isEmpty
            {
                isBalanced = false
            }
            if tag.hasPrefix("/") {
                if open.popLast() != name { isBalanced = false }
            } else if !tag.hasSuffix("/"), name != "br" {
                open.append(name)
            }
        }
        if !open.isEmpty || rest.contains(">") { isBalanced = false }
    }
}

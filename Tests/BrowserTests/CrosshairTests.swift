import Foundation
import Testing

@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct CrosshairTests {
    private static let run = RunFixture(name: "First run")

    private func withPage(_ body: (Browser) async throws -> Void) async throws {
        let site = try await LiveSite(["alpha": Self.run])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await body(browser)
        }
        try await site.stop()
    }

    /// The step that every read-out names, once all charts name one.
    private func step(_ browser: Browser) async throws -> Int {
        try await browser.wait(
            for: "a read-out on every chart",
            until: "(r => r.length === \(Page.chartCount) && new Set(r).size === 1)(\(Page.readouts))"
        )
        let text = try await browser.value("\(Page.readouts)[0]", as: String.self)
        let words = text.split(separator: " ")
        try #require(words.first == "step", "\(text)")
        return try #require(words.dropFirst().first.flatMap { Int($0) }, "\(text)")
    }

    private func expectLoss(at step: Int, _ browser: Browser, within tolerance: Double = 0.002) async throws {
        let shown = try await browser.value(Page.shownValue("train/loss"), as: Double.self)
        #expect(abs(shown - Self.run.loss(step)) <= tolerance, "at step \(step)")
    }

    @Test("A run page shows its charts without errors on the console")
    func renders() async throws {
        try await withPage { browser in
            #expect(try await browser.value(Page.chartCount, as: Int.self) >= 3)
            let areas = try await browser.value(
                "[...document.querySelectorAll('svg.plot')].map(p => p.getBoundingClientRect()).map(b => Math.min(b.width, b.height))",
                as: [Double].self
            )
            #expect(areas.allSatisfy { $0 > 60 })
            #expect(try await browser.value(Page.line("train/loss"), as: String.self).count > 100)
            let ink = try await browser.value(
                "getComputedStyle(\(Page.element("g.series[data-series=\"train/loss\"] path.raw"))).stroke",
                as: String.self
            )
            #expect(ink != "none")
            #expect(try await browser.consoleErrors().isEmpty)
        }
    }

    @Test("The crosshair writes values with the units of the page")
    func units() async throws {
        let run = RunFixture(
            name: "Units",
            count: 20,
            extra: ["system/gpu_util": 60, "system/gpu_memory_gb": 20, "data/read_bytes": 2e9]
        )
        let site = try await LiveSite(["alpha": run])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            for (series, unit) in [
                ("system/gpu_util", " %"), ("system/gpu_memory_gb", " GB"), ("data/read_bytes", " GB"),
            ] {
                let output = "\(Page.element(Page.legend(series) + " output")).textContent"
                let standing = try await browser.value(output, as: String.self)
                #expect(standing.hasSuffix(unit), "\(series): \(standing)")
                // End goes to the newest point, whose value stands in the legend already.
                try await browser.focus(Page.plot(series))
                try await browser.press([Key.end])
                try await browser.wait(
                    for: "the newest value of \(series) as it stood",
                    until: "\(Page.readouts).length > 0 && \(output) === \(quoted(standing))"
                )
            }
        }
        try await site.stop()
    }

    @Test("The mouse shows the values of one step on all charts, and takes them back when it leaves")
    func mouse() async throws {
        try await withPage { browser in
            let standing = try await browser.value(Page.shownValue("train/loss"), as: Double.self)
            for share in [0.1, 0.5, 0.93] {
                try await browser.hover(try await browser.box(Page.plot("train/loss")).point(share))
                // The box may have scrolled; what counts is that all charts agree and values fit the step.
                let step = try await step(browser)
                let span = Double((Self.run.count - 1) * RunFixture.stepsPerLine)
                #expect(abs(Double(step) - 10 - share * span) <= 0.02 * span)
                try await browser.wait(
                    for: "exact values",
                    until:
                        "window.performance.getEntriesByType('resource').some(e => e.name.endsWith('series.json'))"
                )
                try await expectLoss(at: step, browser, within: 0.02)
            }
            try await browser.hover(Browser.Point(x: 2, y: 2))
            try await browser.wait(for: "the read-outs to go", until: "\(Page.readouts).length === 0")
            #expect(try await browser.value(Page.shownValue("train/loss"), as: Double.self) == standing)
        }
    }

    @Test("Before and without series.json the crosshair reads the drawn lines")
    func withoutData() async throws {
        try await withPage { browser in
            try await browser.block("*series.json*")
            try await browser.hover(try await browser.box(Page.plot("train/loss")).point(0.4))
            let step = try await step(browser)
            // A tenth of a nominal pixel each way, on a curve that falls steeply at its start.
            try await expectLoss(at: step, browser, within: 0.05)
        }
    }

    @Test("Arrow keys walk from point to point; Home, End and Escape do what they say")
    func keyboard() async throws {
        try await withPage { browser in
            try await browser.focus(Page.plot("train/loss"))
            try await browser.press([Key.home])
            try await browser.wait(for: "the first step", until: "\(Page.readouts)[0]?.startsWith('step 10')")
            // Exact values come with the first key; walk only then, from point to point.
            try await browser.wait(
                for: "exact values",
                until: "\(Page.shownValue("train/loss")) === \(number(Self.run.loss(10)))"
            )
            let shown = "parseInt(\(Page.readouts)[0].slice(5))"
            try await browser.press([Key.right, Key.right])
            try await browser.wait(for: "a later step", until: "\(shown) > 10")
            let third = try await step(browser)
            #expect(third <= 60)
            try await expectLoss(at: third, browser)
            try await browser.press([Key.left])
            try await browser.wait(for: "an earlier step", until: "\(shown) < \(third)")
            try await browser.press([Key.right], holding: Key.shift)
            try await browser.wait(for: "a step much later", until: "\(shown) >= \(third + 30)")
            try await browser.press([Key.end])
            try await browser.wait(for: "the last step", until: "\(shown) === 2000")
            try await expectLoss(at: 2000, browser)
            let spoken = try await browser.value(
                "\(Page.element(Page.plot("train/loss"))).getAttribute('aria-valuetext')",
                as: String.self
            )
            #expect(spoken.contains("step 2000") && spoken.contains("train/loss"))
            try await browser.press([Key.escape])
            try await browser.wait(for: "the read-outs to go", until: "\(Page.readouts).length === 0")
        }
    }

    @Test("A tap shows the values under the finger and they stay")
    func touch() async throws {
        try await withPage { browser in
            try await browser.tap(try await browser.box(Page.plot("train/loss")).point(0.7))
            let step = try await step(browser)
            #expect(abs(Double(step) - 1400) <= 40)
            try await browser.wait(
                for: "the value",
                until: "Math.abs(\(Page.shownValue("train/loss")) - \(Self.run.loss(step))) < 0.02"
            )
            #expect(
                try await browser.value(
                    "\(Page.element(Page.plot("train/loss"))).style.touchAction",
                    as: String.self
                ) == "pan-y",
                "a vertical swipe over a chart must still scroll the page"
            )
        }
    }

    /// As the pages write it: four significant digits.
    private func number(_ value: Double) -> Double {
        let scale = Foundation.pow(10, 3 - Foundation.log10(value).rounded(.down))
        return (value * scale).rounded() / scale
    }
}

import Testing

@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct CompareTests {
    private func withPage(_ body: (Browser) async throws -> Void) async throws {
        let site = try await LiveSite([
            "alpha": RunFixture(name: "First run"), "beta": RunFixture(name: "Second run", shift: 1),
        ])
        try await Browser.with { browser in
            try await browser.openReady(site.url("compare/index.html"))
            try await body(browser)
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    private func lines(of run: String) -> String {
        "[...document.querySelectorAll('g.series[data-run=\"\(run)\"]')].filter(g => getComputedStyle(g).display !== 'none').length"
    }

    @Test("Taking a run's tick away takes its lines out of every chart, and back")
    func runs() async throws {
        try await withPage { browser in
            let before = try await browser.value(lines(of: "beta"), as: Int.self)
            #expect(before >= 1)
            try await browser.click("#run-picker input[value=beta]")
            try await browser.wait(for: "beta to go", until: "\(lines(of: "beta")) === 0")
            #expect(try await browser.value(lines(of: "alpha"), as: Int.self) >= 1)
            try await browser.reload()
            try await browser.wait(
                for: "beta to stay away after a reload",
                until: "\(Page.isReady) && \(lines(of: "beta")) === 0"
            )
            try await browser.click("#run-picker input[value=beta]")
            try await browser.wait(for: "beta to come back", until: "\(lines(of: "beta")) === \(before)")
        }
    }

    @Test("Choosing a metric leaves its chart alone on the page, with a line for each run")
    func metric() async throws {
        try await withPage { browser in
            let shown = "[...document.querySelectorAll('figure.chart')].filter(f => !f.hidden)"
            let options = try await browser.value(
                "[...\(Page.element("#metric")).options].map(o => o.value).filter(Boolean)",
                as: [String].self
            )
            #expect(options.contains("train/loss"))
            for metric in options {
                try await browser.choose("#metric", value: metric)
                try await browser.wait(
                    for: "one chart of \(metric) with two lines",
                    until:
                        "(f => f.length === 1 && f[0].querySelectorAll('g.series[data-series=\"\(metric)\"] path.raw:not([d=\"\"])').length === 2)(\(shown))"
                )
            }
            try await browser.choose("#metric", value: "")
            try await browser.wait(for: "all charts", until: "\(shown).length > 1")
        }
    }

    @Test("The crosshair tells both runs' values at one step")
    func crosshair() async throws {
        try await withPage { browser in
            try await browser.choose("#metric", value: "train/loss")
            try await browser.hover(try await browser.box("figure.chart:not([hidden]) svg.plot").point(0.5))
            let value = { (run: String) in
                "parseFloat([...document.querySelectorAll('figure.chart:not([hidden]) li[data-run=\"\(run)\"] output')][0].textContent)"
            }
            try await browser.wait(
                for: "values one apart",
                until: "Math.abs(\(value("beta")) - \(value("alpha")) - 1) < 0.03"
            )
        }
    }
}

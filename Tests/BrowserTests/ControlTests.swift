import Testing

@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct ControlTests {
    private func withPage(_ body: (Browser) async throws -> Void) async throws {
        let site = try await LiveSite(["alpha": RunFixture(name: "First run")])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await body(browser)
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    @Test("The smoothing slider changes the curve and leaves the logged values alone; off removes the curve")
    func smoothing() async throws {
        try await withPage { browser in
            let maximum = try await browser.value("Number(\(Page.element("#smoothing")).max)", as: Int.self)
            #expect(maximum >= 2)
            try await browser.choose("#smoothing", value: "\(maximum)")
            try await browser.wait(
                for: "the strongest curve",
                until: "\(Page.line("train/grad_norm", "smooth")).length > 20"
            )
            try await browser.wait(
                for: "the half-life",
                until: "\(Page.element("#smoothing-value")).textContent.includes('half-life')"
            )
            let strong = try await browser.value(Page.line("train/grad_norm", "smooth"), as: String.self)
            let raw = try await browser.value(Page.line("train/grad_norm"), as: String.self)
            try await browser.choose("#smoothing", value: "1")
            try await browser.wait(
                for: "a weaker curve",
                until: "\(Page.line("train/grad_norm", "smooth")) !== \(quoted(strong))"
            )
            try await browser.choose("#smoothing", value: "0")
            try await browser.wait(for: "no curve", until: "\(Page.line("train/grad_norm", "smooth")) === ''")
            try await browser.choose("#smoothing", value: "\(maximum)")
            try await browser.wait(
                for: "the strongest curve again",
                until: "\(Page.line("train/grad_norm", "smooth")) === \(quoted(strong))"
            )
            #expect(try await browser.value(Page.line("train/grad_norm"), as: String.self) == raw)
        }
    }

    @Test("A log axis marks decades and puts zeros on its floor, marked")
    func logY() async throws {
        try await withPage { browser in
            try await browser.click("#log-y")
            try await browser.wait(
                for: "dots on the floor",
                until: "\(Page.line("train/grad_norm", "floor")).includes('M')"
            )
            let labels = try await browser.axisNumbers("train/grad_norm", "y")
            #expect(
                labels.contains { abs($0 - 0.1) < 1e-9 || abs($0 - 0.2) < 1e-9 || abs($0 - 0.5) < 1e-9 },
                "\(labels)"
            )
            #expect(labels.allSatisfy { $0 > 0 })
            try await browser.click("#log-y")
            try await browser.wait(
                for: "the linear axis",
                until:
                    "\(Page.labels("train/grad_norm", axis: "y")).length > 0 && !\(Page.line("train/grad_norm", "floor"))"
            )
        }
    }

    @Test("Log x spreads the start of a run and survives a reload")
    func logX() async throws {
        try await withPage { browser in
            let drawn = try await browser.value(Page.line("train/loss"), as: String.self)
            try await browser.click("#log-x")
            try await browser.wait(
                for: "another drawing",
                until: "\(Page.line("train/loss")) !== \(quoted(drawn))"
            )
            let steps = try await browser.axisNumbers("train/loss", "x")
            #expect(steps.contains(100) && steps.contains(1000), "\(steps)")
            try await browser.reload()
            try await browser.wait(
                for: "the choice after a reload",
                until: "\(Page.element("#log-x")).checked"
            )
        }
    }

    @Test("A click or a key on a legend entry hides its series and shows it again")
    func series() async throws {
        try await withPage { browser in
            let item = Page.legend("train/ctc_loss")
            let pressed = "\(Page.element(item)).getAttribute('aria-pressed')"
            let visible =
                "getComputedStyle(\(Page.element("g.series[data-series=\"train/ctc_loss\"]"))).display !== 'none'"
            #expect(try await browser.value(visible, as: Bool.self))
            try await browser.click(item)
            try await browser.wait(for: "the series to go", until: "!(\(visible)) && \(pressed) === 'false'")
            try await browser.reload()
            try await browser.wait(
                for: "it to stay away after a reload",
                until: "!(\(visible)) && \(pressed) === 'false'"
            )
            try await browser.focus(item)
            try await browser.press([Key.enter])
            try await browser.wait(
                for: "the series to come back",
                until: "(\(visible)) && \(pressed) === 'true'"
            )
        }
    }

    @Test("The axis can be steps, epochs, time since the start and the time of day")
    func axis() async throws {
        try await withPage { browser in
            let drawn = try await browser.value(Page.labels("train/loss", axis: "x"), as: [String].self)
            let offered = try await browser.value(
                "[...\(Page.element("#axis")).options].map(o => o.value)",
                as: [String].self
            )
            #expect(Set(offered) == ["step", "epoch", "relative", "wall"])
            try await browser.choose("#axis", value: "relative")
            try await browser.wait(
                for: "durations",
                until: "\(Page.labels("train/loss", axis: "x")).some(t => / (s|min)/.test(t))"
            )
            try await browser.hover(try await browser.box(Page.plot("train/loss")).point(0.5))
            try await browser.wait(
                for: "a duration read out",
                until: "/^1 min (3[5-9]|4[0-4]) s/.test(\(Page.readouts)[0])"
            )
            try await browser.choose("#axis", value: "wall")
            try await browser.wait(
                for: "times of day",
                until: "\(Page.labels("train/loss", axis: "x")).some(t => /^[0-9]{2}:[0-9]{2}/.test(t))"
            )
            try await browser.choose("#axis", value: "epoch")
            try await browser.wait(
                for: "epochs",
                until: "\(Page.labels("train/loss", axis: "x")).every(t => Number(t) <= 2)"
            )
            try await browser.choose("#axis", value: "step")
            try await browser.wait(
                for: "the build's labels",
                until:
                    "\(Page.labels("train/loss", axis: "x")).join() === \(quoted(drawn.joined(separator: ",")))"
            )
        }
    }

    @Test("The theme button goes round and is remembered")
    func theme() async throws {
        try await withPage { browser in
            let theme = "document.documentElement.dataset.theme ?? 'auto'"
            #expect(try await browser.value(theme, as: String.self) == "auto")
            try await browser.click("#theme")
            try await browser.wait(for: "light", until: "(\(theme)) === 'light'")
            let light = try await browser.value(
                "getComputedStyle(document.body).backgroundColor",
                as: String.self
            )
            try await browser.click("#theme")
            try await browser.wait(for: "dark", until: "(\(theme)) === 'dark'")
            #expect(
                try await browser.value("getComputedStyle(document.body).backgroundColor", as: String.self)
                    != light
            )
            try await browser.reload()
            try await browser.wait(for: "dark after a reload", until: "(\(theme)) === 'dark'")
        }
    }
}

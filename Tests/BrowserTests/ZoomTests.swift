import Testing

@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct ZoomTests {
    private func withPage(_ body: (Browser) async throws -> Void) async throws {
        let site = try await LiveSite(["alpha": RunFixture(name: "First run")])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await body(browser)
        }
        try await site.stop()
    }

    @Test("Dragging over one chart zooms all of them; a double click brings back what the build drew")
    func dragAndReset() async throws {
        try await withPage { browser in
            let drawn = try await browser.value(Page.line("train/grad_norm"), as: String.self)
            let labels = try await browser.value(Page.labels("train/grad_norm", axis: "x"), as: [String].self)
            let box = try await browser.box(Page.plot("train/loss"))
            try await browser.drag(from: box.point(0.25), to: box.point(0.5))
            try await browser.wait(for: "all charts to zoom", until: Page.isZoomed)
            try await browser.wait(
                for: "another drawing",
                until: "\(Page.line("train/grad_norm")) !== \(quoted(drawn))"
            )
            let steps = try await browser.axisNumbers("train/grad_norm", "x")
            #expect(steps.count >= 2)
            #expect(steps.allSatisfy { $0 >= 480 && $0 <= 1030 }, "\(steps)")
            // The y-range follows: between steps 500 and 1000 the loss lies between 1.9 and 2.6.
            let values = try await browser.axisNumbers("train/ce_loss", "y")
            #expect(values.allSatisfy { $0 > 0.9 && $0 < 4 }, "\(values)")
            try await browser.doubleClick(try await browser.box(Page.plot("train/loss")).point(0.5))
            try await browser.wait(for: "the zoom to go", until: "!document.querySelector('figure.zoomed')")
            try await browser.wait(
                for: "the build's drawing",
                until: "\(Page.line("train/grad_norm")) === \(quoted(drawn))"
            )
            #expect(
                try await browser.value(Page.labels("train/grad_norm", axis: "x"), as: [String].self)
                    == labels
            )
        }
    }

    @Test("Keys zoom around the crosshair, the button resets, and a reload keeps the zoom")
    func keysAndReload() async throws {
        try await withPage { browser in
            #expect(try await browser.value("\(Page.element("#zoom-reset")).disabled", as: Bool.self))
            try await browser.focus(Page.plot("train/loss"))
            try await browser.press([Key.end, "+", "+"])
            try await browser.wait(for: "the zoom", until: Page.isZoomed)
            // Of both steps of the zoom: the axis is drawn anew after each.
            let labels = Page.labels("train/loss", axis: "x")
            try await browser.wait(
                for: "labels of the last quarter",
                until: "(t => t.length > 1 && t.every(s => parseFloat(s) >= 1400))(\(labels))"
            )
            let steps = try await browser.axisNumbers("train/loss", "x")
            #expect(steps.allSatisfy { $0 <= 2000 }, "\(steps)")
            let texts = try await browser.value("\(labels).join(' ')", as: String.self)
            try await browser.reload()
            try await browser.wait(for: "the zoom after a reload", until: Page.isZoomed)
            try await browser.wait(for: "the same labels", until: "\(labels).join(' ') === '\(texts)'")
            try await browser.click("#zoom-reset")
            try await browser.wait(for: "the zoom to go", until: "!document.querySelector('figure.zoomed')")
            #expect(try await browser.consoleErrors().isEmpty)
        }
    }

    @Test("A tap and the buttons zoom where two fingers are too many")
    func buttons() async throws {
        try await withPage { browser in
            try await browser.tap(try await browser.box(Page.plot("train/loss")).point(0.9))
            try await browser.wait(for: "the read-outs", until: "\(Page.readouts).length > 0")
            try await browser.tap(try await browser.box("#zoom-in").point(0.5))
            try await browser.tap(try await browser.box("#zoom-in").point(0.5))
            let labels = Page.labels("train/loss", axis: "x")
            // A quarter of the axis around step 1800: from step 1350 or so to 1850.
            try await browser.wait(
                for: "the zoom",
                until: "(t => t.length > 1 && t.every(s => parseFloat(s) >= 1300))(\(labels))"
            )
            #expect(
                try await browser.value("\(Page.readouts).length > 0", as: Bool.self),
                "the crosshair stays"
            )
            try await browser.tap(try await browser.box("#zoom-out").point(0.5))
            try await browser.tap(try await browser.box("#zoom-out").point(0.5))
            try await browser.wait(for: "the zoom to go", until: "!document.querySelector('figure.zoomed')")
        }
    }

    @Test("Two fingers zoom to what they span")
    func pinch() async throws {
        try await withPage { browser in
            let box = try await browser.box(Page.plot("train/loss"))
            try await browser.pinch(
                (from: box.point(0.4), to: box.point(0.1)),
                (from: box.point(0.6), to: box.point(0.9))
            )
            try await browser.wait(for: "the zoom", until: Page.isZoomed)
            // The middle fifth of the axis now covers four fifths of it: steps 750 to 1250 or so.
            try await browser.wait(
                for: "new labels",
                until: "\(Page.labels("train/loss", axis: "x")).every(t => t !== '0')"
            )
            let steps = try await browser.axisNumbers("train/loss", "x")
            #expect(steps.allSatisfy { $0 >= 700 && $0 <= 1300 }, "\(steps)")
        }
    }
}

import Foundation
import Testing

@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct LiveRefreshTests {
    private static let run = RunFixture(name: "First run")

    @Test("A line appended to the log reaches the open page without a reload, and what the reader did stays")
    func append() async throws {
        let site = try await LiveSite(["alpha": Self.run])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await browser.wait(
                for: "the event stream",
                until: "\(Page.element("#live")).dataset.live === 'live'"
            )
            try await browser.run("window.marker = document.querySelector('h1'); marker.textContent += ''")
            let chart = Page.chart("train/loss")
            try await browser.run("\(Page.element(chart + " details")).open = true")
            let box = try await browser.box(Page.plot("train/loss"))
            try await browser.drag(from: box.point(0.25), to: box.point(0.5))
            try await browser.wait(for: "the zoom", until: Page.isZoomed)
            try await browser.wait(
                for: "the zoomed labels",
                until: "\(Page.labels("train/loss", axis: "x")).every(t => t !== '0')"
            )
            let steps = try await browser.axisNumbers("train/loss", "x")
            let scroll = try await browser.value("scrollY", as: Double.self)
            try site.append(Self.run.line(at: Self.run.count), to: "alpha")
            try await browser.wait(
                for: "the new step",
                until: "Number(\(Page.element(chart)).dataset.x1) === 2010",
                seconds: 20
            )
            #expect(
                try await browser.value("window.marker === document.querySelector('h1')", as: Bool.self),
                "the page was not loaded anew"
            )
            #expect(try await browser.value(Page.isZoomed, as: Bool.self))
            #expect(try await browser.axisNumbers("train/loss", "x") == steps)
            #expect(try await browser.value("\(Page.element(chart + " details")).open", as: Bool.self))
            #expect(try await browser.value("scrollY", as: Double.self) == scroll)
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    @Test("The crosshair and the focus stay where they are while lines arrive")
    func appendUnderTheCrosshair() async throws {
        let site = try await LiveSite(["alpha": Self.run])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await browser.wait(
                for: "the event stream",
                until: "\(Page.element("#live")).dataset.live === 'live'"
            )
            try await browser.focus(Page.plot("train/loss"))
            try await browser.press([Key.end])
            try await browser.wait(
                for: "the last step",
                until: "\(Page.readouts)[0]?.startsWith('step 2000')"
            )
            for index in Self.run.count..<Self.run.count + 3 {
                try site.append(Self.run.line(at: index), to: "alpha")
                try await browser.wait(
                    for: "step \((index + 1) * 10)",
                    until:
                        "Number(\(Page.element(Page.chart("train/loss"))).dataset.x1) === \((index + 1) * 10)"
                )
            }
            #expect(try await browser.value("\(Page.readouts)[0]", as: String.self).hasPrefix("step 2000"))
            #expect(
                try await browser.value(
                    "document.activeElement === \(Page.element(Page.plot("train/loss")))",
                    as: Bool.self
                )
            )
            try await browser.press([Key.end])
            try await browser.wait(
                for: "the newest step",
                until: "\(Page.readouts)[0]?.startsWith('step 2030')"
            )
        }
        try await site.stop()
    }

    @Test("A run that turns quiet is called silent by the open page itself")
    func silent() async throws {
        let site = try await LiveSite(["alpha": Self.run])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await browser.wait(
                for: "the event stream",
                until: "\(Page.element("#live")).dataset.live === 'live'"
            )
            #expect(
                try await browser.value("\(Page.element(".status")).dataset.status", as: String.self)
                    == "running"
            )
            // An hour later by the page's clock; nothing comes from the host meanwhile.
            try await browser.run("const real = Date.now; Date.now = () => real() + 3600e3")
            try await browser.wait(
                for: "the badge to turn",
                until:
                    "(s => s.dataset.status === 'silent' && /silent since [0-9]{2}:[0-9]{2}/.test(s.textContent))(\(Page.element(".status")))"
            )
            try site.append(Self.run.line(at: Self.run.count), to: "alpha")
            try await browser.wait(
                for: "the run to revive",
                until: "\(Page.element(".status")).dataset.status === 'running'"
            )
        }
        try await site.stop()
    }

    @Test("A template that breaks shows the failure on the open page; mending it takes the notice away")
    func brokenTemplate() async throws {
        let site = try await LiveSite(["alpha": Self.run])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await browser.wait(
                for: "the event stream",
                until: "\(Page.element("#live")).dataset.live === 'live'"
            )
            let notice = "document.querySelectorAll('.build-error').length"
            #expect(try await browser.value(notice, as: Int.self) == 0)
            try site.overrideTemplate("layout.mustache") { $0 + "\n{{nonsense}}\n" }
            try await browser.wait(for: "the notice", until: "\(notice) === 1")
            let text = try await browser.value("\(Page.element(".build-error")).textContent", as: String.self)
            #expect(text.contains("layout.mustache") && text.contains("nonsense"), "\(text)")
            #expect(try await browser.value(Page.chartCount, as: Int.self) >= 3, "the last good page stays")
            try await browser.reload()
            try await browser.wait(for: "the notice on a page opened now", until: "\(notice) === 1")
            try await browser.wait(
                for: "the event stream",
                until: "\(Page.element("#live")).dataset.live === 'live'"
            )
            try site.overrideTemplate("layout.mustache") { $0 }
            try await browser.wait(for: "the notice to go", until: "\(notice) === 0")
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    @Test("A page whose host is gone says so and keeps what it shows")
    func hostGone() async throws {
        let site = try await LiveSite(["alpha": Self.run])
        try await Browser.with { browser in
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await browser.wait(
                for: "the event stream",
                until: "\(Page.element("#live")).dataset.live === 'live'"
            )
            try await site.stop()
            try await browser.wait(
                for: "the hint",
                until: "\(Page.element("#live")).dataset.live === 'offline'",
                seconds: 30
            )
            #expect(try await browser.value(Page.chartCount, as: Int.self) >= 3)
        }
    }
}

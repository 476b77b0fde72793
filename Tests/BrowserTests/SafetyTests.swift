import Foundation
import Testing

@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct SafetyTests {
    private static let pages = [
        "index.html", "runs/alpha/index.html", "compare/index.html", "avatars/index.html",
    ]

    @Test("No page asks any other host for anything")
    func staysOnTheHost() async throws {
        let site = try await LiveSite([
            "alpha": RunFixture(name: "First run"), "beta": RunFixture(name: "Second run"),
        ])
        try await Browser.with { browser in
            for page in Self.pages {
                try await browser.open(site.url(page))
                try await browser.wait(for: "the page", until: "document.readyState === 'complete'")
            }
            try await browser.openReady(site.url("runs/alpha/index.html"))
            try await browser.hover(try await browser.box("svg.plot").point(0.5))
            try await browser.wait(for: "the read-outs", until: "\(Page.readouts).length > 0")
            let requests = try await browser.requestedURLs()
            #expect(requests.contains { $0.hasSuffix("voxsite.js") })
            #expect(Self.strangers(requests, to: site.address) == [])
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    private static func strangers(_ addresses: [String], to host: String) -> [String] {
        addresses.filter { address in !["\(host)", "data:", "about:"].contains { address.hasPrefix($0) } }
    }

    @Test("No page scrolls sideways on a narrow phone")
    func narrow() async throws {
        let long = String(repeating: "unbroken", count: 30)
        let site = try await LiveSite([
            "alpha": RunFixture(name: long, extra: ["metric/\(long)": 1]),
            "beta": RunFixture(name: "Second run"),
        ])
        try await Browser.with(width: 360, height: 740) { browser in
            for page in Self.pages {
                try await browser.open(site.url(page))
                try await browser.wait(for: "the page", until: "document.readyState === 'complete'")
                let width = try await browser.value("document.documentElement.scrollWidth", as: Int.self)
                #expect(width <= 360, "\(page)")
            }
        }
        try await site.stop()
    }

    @Test(
        "Names from logs that look like markup or code stay names",
        arguments: [
            "\"><script>window.pwned = 1</script>", "'><img src=x onerror=\"window.pwned = 1\">",
            "</title></svg><script>window.pwned = 1</script>", "{{{danger}}}${window.pwned=1}",
            "\"\u{0301} onload=\u{0301}'",
        ]
    )
    func hostileNames(_ name: String) async throws {
        let site = try await LiveSite([
            "alpha": RunFixture(name: name, extra: [name: 1]),
            "beta": RunFixture(name: name, extra: [name: 2]),
        ])
        try await Browser.with { browser in
            for page in Self.pages {
                try await browser.open(site.url(page))
                try await browser.wait(for: "the page", until: "document.readyState === 'complete'")
                #expect(try await browser.value("window.pwned === undefined", as: Bool.self), "\(page)")
                #expect(
                    try await browser.value(
                        "document.querySelectorAll('img[src=x], main script').length",
                        as: Int.self
                    ) == 0
                )
            }
            try await browser.openReady(site.url("runs/alpha/index.html"))
            #expect(
                try await browser.value("document.querySelector('h1').textContent.trim()", as: String.self)
                    == name
            )
            // Everything the script does with names: read out, draw anew, hide, show, remember.
            let plot =
                "[...document.querySelectorAll('figure.chart')].find(f => [...f.querySelectorAll('li')].some(l => l.dataset.series === \(quoted(name)))).querySelector('svg.plot')"
            try await browser.run("\(plot).focus()")
            try await browser.press([Key.end, "+"])
            try await browser.wait(for: "the zoom", until: Page.isZoomed)
            try await browser.openReady(site.url("compare/index.html"))
            try await browser.choose("#metric", value: name)
            try await browser.wait(
                for: "its chart",
                until: "[...document.querySelectorAll('figure.chart')].filter(f => !f.hidden).length === 1"
            )
            #expect(try await browser.value("window.pwned === undefined", as: Bool.self))
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    @Test("Without scripts a page shows its charts and no dead controls")
    func withoutScripts() async throws {
        let site = try await LiveSite([
            "alpha": RunFixture(name: "First run"), "beta": RunFixture(name: "Second run"),
        ])
        try await Browser.with(runsScripts: false) { browser in
            try await browser.open(site.url("runs/alpha/index.html"))
            // The driver looks from outside: the page's own scripts do not run.
            #expect(
                try await browser.value("\(Page.element("svg.plot")).hasAttribute('tabindex')", as: Bool.self)
                    == false
            )
            #expect(try await browser.value(Page.line("train/loss"), as: String.self).count > 100)
            let height = try await browser.value(
                "\(Page.element("svg.plot")).getBoundingClientRect().height",
                as: Double.self
            )
            #expect(height > 60)
            let dead = try await browser.value(
                "[...document.querySelectorAll('button, input, select')].filter(e => e.checkVisibility() && !e.disabled).map(e => e.id)",
                as: [String].self
            )
            #expect(dead.isEmpty)
        }
        try await site.stop()
    }
}

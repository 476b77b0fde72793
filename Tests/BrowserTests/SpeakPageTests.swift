import Foundation
import TestSupport
import Testing

/// The page that makes clips, with the real server behind it.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment),
    .enabled(
        if: Products.executable("voxsite-speech-helper") != nil
            && FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg"),
        "needs voxsite-speech-helper, espeak-ng-data and ffmpeg"
    )
)
struct SpeakPageTests {
    private static let isLoaded = "document.querySelectorAll('.speak-avatar img').length >= 6"

    private func withPage(_ body: (Browser, LiveSite) async throws -> Void) async throws {
        let site = try await LiveSite(["alpha": RunFixture(name: "First run")])
        try await Browser.with { browser in
            try await browser.open(site.url("speak/index.html"))
            try await browser.wait(for: "faces and voices", until: Self.isLoaded)
            try await body(browser, site)
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    @Test func `a sentence becomes a clip that plays, and stands on the page of all clips`() async throws {
        try await withPage { browser, site in
            #expect(try await browser.value(Page.element("#speak-notice") + ".hidden", as: Bool.self))
            try await browser.click(".speak-samples button")
            try await browser.choose("#speak-size", value: "256")
            try await browser.run("document.querySelector('input[value=art_18]').click()")
            try await browser.click("#speak-go")
            let video = Page.element("#speak-stage video")
            try await browser.wait(for: "the clip", until: "\(video) !== null", seconds: 60)
            // A browser that has not been told so does not play by itself.
            try await browser.run("\(video).muted = true; \(video).play()")
            try await browser.wait(for: "the clip to play", until: "\(video).currentTime > 0.2")
            #expect(try await browser.value("\(video).videoWidth", as: Int.self) == 256)
            let link = "\(Page.element(".speak-links a")).download"
            #expect(try await browser.value(link, as: String.self) == "your-quest-awaits-brave-friend.mp4")
            #expect(
                try await browser.value("document.querySelectorAll('#speak-history li').length", as: Int.self)
                    == 1
            )
            try await browser.open(site.url("avatars/index.html"))
            try await browser.wait(
                for: "the clip among all clips",
                until: "[...document.querySelectorAll('.clip')].some(c => c.textContent.includes('art_18'))"
            )
        }
    }

    @Test func `the keyboard is enough, and too much text is said so`() async throws {
        try await withPage { browser, _ in
            try await browser.focus("#speak-text")
            try await browser.run("\(Page.element("#speak-text")).value = 'a'.repeat(1001)")
            try await browser.press(["\u{E007}"], holding: "\u{E009}")
            let problem = "\(Page.element("#speak-text-problem")).textContent"
            try await browser.wait(for: "a complaint", until: "\(problem) === '1 character too many.'")
            #expect(try await browser.value("document.activeElement.id", as: String.self) == "speak-text")
            try await browser.run("\(Page.element("#speak-text")).value = 'Hello'")
            try await browser.run("\(Page.element("#speak-video")).checked = false")
            try await browser.press(["\u{E007}"], holding: "\u{E009}")
            try await browser.wait(
                for: "the sound",
                until: "\(Page.element("#speak-stage audio")) !== null",
                seconds: 30
            )
        }
    }

    @Test func `without a server that makes clips it says how to get one`() async throws {
        let site = try await LiveSite(["alpha": RunFixture(name: "First run")])
        try await Browser.with { browser in
            try await browser.block("*/api/avatar/*")
            try await browser.open(site.url("speak/index.html"))
            let notice = Page.element("#speak-notice")
            try await browser.wait(for: "the notice", until: "document.readyState === 'complete'")
            #expect(
                try await browser.value("\(notice).textContent", as: String.self).contains("voxsite serve")
            )
            #expect(try await browser.value("\(Page.element("#speak")).hidden", as: Bool.self))
        }
        try await site.stop()
    }
}

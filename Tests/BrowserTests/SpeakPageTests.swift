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
            // Type.
            try await browser.click("#speak-text")
            try await browser.press("Your quest awaits, brave friend.".map(String.init))
            let count = "\(Page.element("#speak-count")).textContent"
            #expect(try await browser.value(count, as: String.self) == "32 of 1000")
            // Pick a voice, a face and a size.
            let voice = Page.element("#speak-voice")
            try await browser.choose("#speak-voice", value: "espeak:en-gb")
            #expect(try await browser.value("\(voice).value", as: String.self) == "espeak:en-gb")
            try await browser.choose("#speak-size", value: "256")
            try await browser.click("label:has(> input[value=art_18])")
            let face = "document.querySelector('input[name=avatar]:checked').value"
            #expect(try await browser.value(face, as: String.self) == "art_18")
            // Generate.
            try await browser.click("#speak-go")
            let video = Page.element("#speak-stage video")
            try await browser.wait(
                for: "the clip",
                until: "\(video) !== null || !\(Page.element("#speak-problem")).hidden",
                seconds: 120
            )
            let problem = "\(Page.element("#speak-problem")).textContent"
            #expect(try await browser.value(problem, as: String.self) == "")
            let history = "JSON.parse(localStorage.getItem('voxsite-speak-history'))[0].clip"
            #expect(try await browser.value("\(history).avatar_id", as: String.self) == "art_18")
            #expect(try await browser.value("\(history).voice_id", as: String.self) == "espeak:en-gb")
            // Play. A browser that has not been told so does not play by itself.
            try await browser.run("\(video).muted = true; \(video).currentTime = 0; \(video).play()")
            try await browser.wait(for: "the clip to play", until: "\(video).currentTime > 0.2")
            let early = try await browser.value("\(video).currentTime", as: Double.self)
            try await browser.wait(
                for: "the clip to go on",
                until: "\(video).ended || \(video).currentTime > \(early) + 0.3"
            )
            #expect(try await browser.value("\(video).duration", as: Double.self) > 1)
            // Pictures are decoded, not only the clock running.
            let frames = "\(video).getVideoPlaybackQuality().totalVideoFrames"
            #expect(try await browser.value(frames, as: Int.self) > 3)
            #expect(try await browser.value("\(video).videoWidth", as: Int.self) == 256)
            // Which engine. Nobody has set up a better one, so that none is missed.
            let engine = try await browser.value(
                "\(Page.element(".speak-engine")).innerText",
                as: String.self
            )
            #expect(
                engine == "Engine: rig-v, drawn, not neural.",
                "\(engine)"
            )
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
            let facts = try await browser.value(
                "\(Page.element(".clip .facts")).textContent",
                as: String.self
            )
            #expect(facts.contains("rig-v, drawn, not neural"), "\(facts)")
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
                seconds: 90
            )
        }
    }

    @Test func `a clip that is cancelled before the server has answered is given up, and never shown`()
        async throws
    {
        try await withPage { browser, site in
            // The server gets every request at once; the page gets the answers to its clips when it is let.
            try await browser.run(
                """
                const real = window.fetch;
                window.answers = [];
                window.deleted = [];
                window.fetch = async (address, options) => {
                    const answer = await real(address, options);
                    if (options?.method === 'POST') await new Promise(go => window.answers.push(go));
                    if (options?.method === 'DELETE') window.deleted.push(answer.status);
                    return answer;
                };
                \(Page.element("#speak-text")).value = 'A long sentence about nothing at all. '.repeat(20);
                """
            )
            try await browser.click("#speak-go")
            try await browser.wait(for: "the first answer", until: "window.answers.length === 1")
            try await browser.click("#speak-cancel")
            let isBusy = "!\(Page.element("#speak-progress")).hidden"
            #expect(try await browser.value("!(\(isBusy))", as: Bool.self))
            // Another one, of a few words, meanwhile.
            try await browser.run("\(Page.element("#speak-text")).value = 'Hello'")
            try await browser.run("\(Page.element("#speak-video")).checked = false")
            try await browser.click("#speak-go")
            try await browser.wait(for: "the second answer", until: "window.answers.length === 2")
            try await browser.run("window.answers[0]()")
            try await browser.wait(for: "the end of the first", until: "window.deleted[0] === 200")
            #expect(try await browser.value(isBusy, as: Bool.self))
            try await browser.run("window.answers[1]()")
            let sound = Page.element("#speak-stage audio")
            try await browser.wait(for: "the sound", until: "\(sound) !== null", seconds: 90)
            #expect(try await browser.value("\(sound).ariaLabel", as: String.self) == "Hello")
            // Nothing is made that nobody waits for, and the page has not followed the first one.
            let status = try await site.get("api/avatar/status").body
            let json = try JSONSerialization.jsonObject(with: status) as? [String: Any]
            let queue = try #require(json?["queue"] as? [String: Int])
            #expect(queue["running"] == 0 && queue["waiting"] == 0, "\(queue)")
            let clips = "document.querySelectorAll('#speak-history li').length"
            #expect(try await browser.value(clips, as: Int.self) == 1)
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

import Foundation
import TestSupport
import Testing

/// The points of a photograph, placed by mouse, finger and keys, with the real server behind them.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct LandmarkTests {
    private static let dialog = Page.element("#rig")
    private static let place = ".speak-place"

    private static func handle(_ part: String) -> String { ".rig-point[data-part=\(part)]" }

    /// Opens the page with a photograph that has no points: a drawn person, as a picture.
    private func withPhotograph(
        width: Int = 1280,
        _ body: (Browser, LiveSite) async throws -> Void
    ) async throws {
        let site = try await LiveSite(["alpha": RunFixture(name: "First run")])
        let picture = try await site.get("api/avatar/avatars/people_0/picture")
        try #require(picture.status == 200)
        try picture.body.write(to: URL(filePath: site.folder.path(of: "avatars/me.png")))
        try await Browser.with(width: width) { browser in
            try await browser.open(site.url("speak/index.html"))
            try await browser.wait(for: "the photograph", until: "\(Page.element(Self.place)) !== null")
            try await body(browser, site)
            #expect(try await browser.consoleErrors().isEmpty)
        }
        try await site.stop()
    }

    private func openPoints(_ browser: Browser) async throws {
        try await browser.wait(for: "the points", until: "\(Self.dialog).open")
    }

    private func points(_ site: LiveSite) throws -> [String: [Double]] {
        let text = try site.folder.readText("avatars/me.rig.json")
        let rig = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require(rig?["points"] as? [String: [Double]])
    }

    /// Where a point is in the picture, as a share of it.
    private func share(_ part: String, _ browser: Browser) async throws -> [Double] {
        try await browser.value(
            "(h => [parseFloat(h.left) / 100, parseFloat(h.top) / 100])(\(Page.element(Self.handle(part))).style)"
        )
    }

    @Test func `points are dragged, tried and saved, and the photograph can speak`() async throws {
        try await withPhotograph { browser, site in
            try await browser.click(Self.place)
            try await openPoints(browser)
            let sheet = try await browser.box("#rig-sheet")
            let chin = try await share("chin", browser)
            let before = try await share("mouthLeft", browser)
            let grip = try await browser.box(Self.handle("mouthLeft")).point(0.5)
            try await browser.drag(from: grip, to: .init(x: grip.x + 24, y: grip.y + 12))
            let after = try await share("mouthLeft", browser)
            #expect(abs((after[0] - before[0]) * sheet.width - 24) < 1)
            #expect(abs((after[1] - before[1]) * sheet.height - 12) < 1)
            // What nobody has touched goes with it.
            let followed = try await share("chin", browser)
            #expect(abs((followed[0] - chin[0]) * sheet.width - 24) < 1)
            let count = "\(Page.element("#rig-count")).textContent"
            #expect(try await browser.value(count, as: String.self) == "1 of 21 placed")

            try await browser.click("#rig-try")
            let stills = "document.querySelectorAll('#rig-stills canvas').length"
            try await browser.wait(for: "the trial", until: "\(stills) === 4")
            #expect(!site.folder.exists("avatars/me.rig.json"))

            try await browser.click("#rig-save")
            try await browser.wait(for: "the end", until: "!\(Self.dialog).open")
            let radio = "document.querySelector('input[name=avatar][value=me]')"
            try await browser.wait(for: "the face", until: "\(radio)?.checked && !\(radio).disabled")
            try await browser.wait(for: "its picture", until: "\(radio).nextElementSibling.naturalWidth > 0")
            #expect(try await browser.value("document.activeElement === \(radio)", as: Bool.self))
            let saved = try #require(try points(site)["mouthLeft"])
            #expect(abs(saved[0] - after[0]) < 1e-4 && abs(saved[1] - after[1]) < 1e-4)
        }
    }

    @Test func `a finger drags points on a phone`() async throws {
        try await withPhotograph(width: 390) { browser, _ in
            try await browser.click(Self.place)
            try await openPoints(browser)
            let sheet = try await browser.box("#rig-sheet")
            let before = try await share("faceRight", browser)
            let grip = try await browser.box(Self.handle("faceRight")).point(0.5)
            let end = Browser.Point(x: grip.x - 30, y: grip.y + 20)
            try await browser.drag(from: grip, to: end, by: "touch")
            let after = try await share("faceRight", browser)
            #expect(abs((after[0] - before[0]) * sheet.width + 30) < 1)
            #expect(abs((after[1] - before[1]) * sheet.height - 20) < 1)
            #expect(
                try await browser.value(
                    "document.documentElement.scrollWidth <= innerWidth && \(Self.dialog).scrollWidth <= innerWidth",
                    as: Bool.self
                )
            )
        }
    }

    @Test func `keys alone place and save points`() async throws {
        try await withPhotograph { browser, site in
            try await browser.focus(Self.place)
            try await browser.press([Key.enter])
            try await openPoints(browser)
            let focused = "document.activeElement.getAttribute('aria-label')"
            #expect(try await browser.value(focused, as: String.self) == "Left eye, outer corner")
            try await browser.press([Key.tab])
            #expect(try await browser.value(focused, as: String.self) == "Left eye, inner corner")
            let before = try await share("leftEyeInner", browser)
            try await browser.press([Key.right, Key.right, Key.down])
            let after = try await share("leftEyeInner", browser)
            #expect(after[0] > before[0] && after[1] > before[1])
            let step = after[1] - before[1]
            #expect(abs((after[0] - before[0]) - 2 * step) < 1e-4)
            try await browser.press([Key.up], holding: Key.shift)
            let far = try await share("leftEyeInner", browser)
            #expect(after[1] - far[1] > 5 * step)
            try await browser.press(["z"], holding: Key.control)
            let undone = try await share("leftEyeInner", browser)
            #expect(abs(undone[1] - after[1]) < 1e-6)

            // Escape closes, the focus is where it was, and nothing is lost.
            try await browser.press([Key.escape])
            try await browser.wait(for: "the end", until: "!\(Self.dialog).open")
            let opener = "document.activeElement.className"
            #expect(try await browser.value(opener, as: String.self) == "speak-place")
            try await browser.press([Key.enter])
            try await openPoints(browser)
            #expect(try await share("leftEyeInner", browser) == undone)
            try await browser.focus("#rig-save")
            try await browser.press([Key.enter])
            try await browser.wait(for: "the end", until: "!\(Self.dialog).open")
            let saved = try #require(try points(site)["leftEyeInner"])
            #expect(abs(saved[0] - undone[0]) < 1e-4 && abs(saved[1] - undone[1]) < 1e-4)
        }
    }

    @Test func `points of no face are refused in words, and the point is chosen`() async throws {
        try await withPhotograph { browser, site in
            try await browser.click(Self.place)
            try await openPoints(browser)
            let sheet = try await browser.box("#rig-sheet")
            // The first point takes all others along; the second does not.
            for (part, down) in [("foreheadTop", 0.0), ("noseTip", 0), ("chin", -0.35)] {
                let grip = try await browser.box(Self.handle(part)).point(0.5)
                let way = Int(down * sheet.height)
                try await browser.drag(from: grip, to: .init(x: grip.x + 4, y: grip.y + way))
            }
            try await browser.click("#rig-save")
            let problem = Page.element("#rig-problem")
            try await browser.wait(for: "the refusal", until: "!\(problem).hidden")
            let words = try await browser.value("\(problem).textContent", as: String.self)
            #expect(words.contains("must lie") && !words.contains("points."), "\(words)")
            #expect(try await browser.value("\(Self.dialog).open", as: Bool.self))
            #expect(!site.folder.exists("avatars/me.rig.json"))
            // The browser itself notes every refused request.
            #expect(try await browser.consoleErrors().allSatisfy { $0.contains("status of 400") })
        }
    }
}

import Foundation
import TestSupport
import Testing

/// Whether people with weak eyes can read the pages of clips, and find what they press: WCAG 2.2, 1.4.3 and 1.4.11.
@Suite(
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: BrowserAvailability.isComplete, BrowserAvailability.comment)
)
struct ContrastTests {
    private static let sample = """
        {"time":1765470600.0,"step":40,"event":"sample","text":"Good morning.","audio":"media/a.wav",\
        "waveform":"media/a.png","transcript":"good mourning","voice":"amy","avatar":"art_0","engine":"rig-v",\
        "neural":false,"timings":{"total":3.1}}

        """
    /// A clip that was made before, so that none has to be made now.
    private static let remembered = """
        [{"text":"Good morning.","voice":"amy","avatar":"art_0","clip":{"audio_url":"/a.wav","duration":2,\
        "processing_time":1,"waveform_url":"/a.png","engine":"rig-v","neural":false,"engine_reason":"rig is taken",\
        "video_problem":"the encoder is missing"}}]
        """
    /// Everything that the page of clips says at one time or another, at once.
    private static let showEverything = """
        for (const element of document.querySelectorAll('main [hidden]')) element.hidden = false;
        for (const element of document.querySelectorAll('main details')) element.open = true;
        for (const element of document.querySelectorAll('main [role=alert], #rig [role=alert], #rig-hint, #rig-said, '
            + '#rig-note, #rig-name, #speak-state, #speak-avatar-problem')) {
            element.hidden = false;
            element.textContent = 'Some words.';
        }
        document.querySelector('#speak-history button').click();
        document.getElementById('speak-problem').hidden = false;
        document.getElementById('speak-count').classList.add('over');
        document.getElementById('speak-text').setAttribute('aria-invalid', 'true');
        """

    @Test(arguments: ["light", "dark"])
    func `text, edges of controls and marks stand out from their ground`(_ theme: String) async throws {
        let site = try await LiveSite(["alpha": RunFixture(name: "First run")])
        try site.folder.write("sound", to: "runs/alpha/media/a.wav")
        try site.folder.write("picture", to: "runs/alpha/media/a.png")
        try site.append(Self.sample, to: "alpha")
        try await Browser.with { browser in
            try await browser.open(site.url("speak/index.html"))
            try await browser.run(
                "localStorage.setItem('voxsite-speak-history', \(quoted(Self.remembered)))"
            )
            try await browser.choose(theme: theme)
            try await browser.open(site.url("speak/index.html"))
            try await browser.wait(
                for: "faces and clips",
                until:
                    "document.querySelector('.speak-avatar img') && document.querySelector('#speak-history button')"
            )
            try await browser.run(Self.showEverything)
            try await Self.expectContrast(below: "main", in: browser)
            try await browser.run("document.getElementById('rig').showModal()")
            try await Self.expectContrast(below: "#rig", in: browser)
            try await browser.open(site.url("avatars/index.html"))
            try await browser.wait(for: "the clip", until: "document.querySelector('.clip') !== null")
            try await Self.expectContrast(below: "body", in: browser)
        }
        try await site.stop()
    }

    private static func expectContrast(below selector: String, in browser: Browser) async throws {
        let measured = try await browser.value(measured(selector), as: Measured.self)
        #expect(measured.texts > 10 && measured.weak.isEmpty, "\(selector): \(measured)")
    }

    private struct Measured: Decodable {
        /// How much was looked at.
        let texts, edges: Int
        /// What stands out too little, and how little.
        let weak: [String]
    }

    /// Looks at all texts and edges below an element, each against the colour that is behind it.
    ///
    /// What cannot be pressed now is exempt, and so is what lies over a picture: it has a dark and a light rim.
    private static func measured(_ selector: String) -> String {
        """
        (() => {
            const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
            const parse = color => {
                context.clearRect(0, 0, 1, 1);
                context.fillStyle = color;
                context.fillRect(0, 0, 1, 1);
                const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
                return [r, g, b, a / 255];
            };
            const over = (top, bottom, share = 1) =>
                [0, 1, 2].map(i => top[i] * top[3] * share + bottom[i] * (1 - top[3] * share)).concat(1);
            const ground = element => {
                if (!element) return [255, 255, 255, 1];
                const color = parse(getComputedStyle(element).backgroundColor);
                const own = element.localName === 'dialog' || color[3] === 1;
                return over(color, own ? [0, 0, 0, 1] : ground(element.parentElement));
            };
            const opacity = element => element
                ? Number(getComputedStyle(element).opacity) * opacity(element.parentElement) : 1;
            const luminance = color => color.slice(0, 3).map(c => c / 255)
                .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
            const contrast = (one, other) => {
                const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
            };
            const skips = element => !element.checkVisibility({ visibilityProperty: true })
                || element.closest(':disabled, [aria-disabled=true], .visually-hidden, .rig-point, video, audio');
            const weak = [];
            const note = (ratio, least, element, what) => {
                if (ratio < least) weak.push(`${what} of ${element.localName}#${element.id}.${element.className}: ${ratio.toFixed(2)}`);
            };
            let texts = 0, edges = 0;
            const root = document.querySelector(\(quoted(selector)));
            for (const element of root.querySelectorAll('*')) {
                if (skips(element)) continue;
                const style = getComputedStyle(element);
                const says = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
                    || ['textarea', 'select'].includes(element.localName);
                if (says && !element.closest('svg, option')) {
                    texts += 1;
                    const size = parseFloat(style.fontSize);
                    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
                    const behind = ground(element);
                    const shown = over(parse(style.color), behind, opacity(element));
                    note(contrast(shown, behind), isLarge ? 3 : 4.5, element, 'text');
                }
                if (!element.matches('main :is(button, select, textarea, input[type=password]), #rig button')) continue;
                edges += 1;
                const outside = ground(element.parentElement);
                const edge = parseFloat(style.borderTopWidth) > 0 ? over(parse(style.borderTopColor), outside) : outside;
                note(Math.max(contrast(edge, outside), contrast(ground(element), outside)), 3, element, 'edge');
            }
            const face = root.querySelector('.speak-avatar input:checked ~ img');
            if (face) note(contrast(parse(getComputedStyle(face).outlineColor), ground(face.parentElement)), 3, face, 'mark');
            return { texts, edges, weak };
        })()
        """
    }
}

extension Browser {
    /// Chooses light or dark as the button at the top does.
    fileprivate func choose(theme: String) async throws {
        try await wait(for: "the theme button", until: "!\(Page.element("#theme")).hidden")
        while try await value("document.documentElement.dataset.theme ?? 'auto'", as: String.self) != theme {
            try await click("#theme")
        }
    }
}

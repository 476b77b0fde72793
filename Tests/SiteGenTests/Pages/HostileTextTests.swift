import Foundation
import Testing

@testable import SiteGen

/// Everything in a log may be written by anyone, and none of it may become markup.
@Suite struct HostileTextTests {
    static let texts = [
        "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>",
        "\"\u{301} onmouseover=alert(1) x=\"\u{301}",
        "<\u{338}script>alert(1)<\u{338}/script>", "\u{202E}gnp.exe\u{202C}",
        "{{title}}{{{ringMarkup}}}{{>layout}}",
        "a\u{0}b\u{1B}[31m", "</title></textarea></style>", String(repeating: "x\"<", count: 3_500),
        "&amp;&lt;&#34;",
    ]

    static func report(_ text: String) -> RunReport {
        let entry = ConfigurationEntry(key: text, value: text)
        let base = SampleReports.running
        return SampleReports.report(
            id: "hostile",
            name: text,
            status: .error(message: text),
            started: base.started,
            lastUpdate: base.lastUpdate,
            progress: base.progress,
            tags: [text],
            notes: text,
            configuration: [entry],
            series: [SampleReports.series(text + "/loss") { $0 }, SampleReports.series(text) { $0 }],
            evaluations: [
                EvaluationRow(
                    step: 1,
                    epoch: nil,
                    time: nil,
                    wordErrorRate: .nan,
                    characterErrorRate: .infinity,
                    transcripts: [Transcript(reference: text, hypothesis: text)]
                )
            ],
            checkpoints: [
                CheckpointRow(
                    path: text,
                    bytes: -.infinity,
                    kind: text,
                    sha256: text,
                    step: .nan,
                    epoch: nil,
                    time: Date(timeIntervalSince1970: 1e300),
                    backedUp: nil
                )
            ],
            backups: [
                BackupRow(
                    path: text,
                    destination: text,
                    succeeded: false,
                    bytes: .nan,
                    seconds: .infinity,
                    message: text,
                    time: nil
                )
            ],
            samples: [
                SampleRow(
                    videoPath: text,
                    audioPath: text,
                    posterPath: text,
                    pictures: [entry],
                    text: text,
                    transcript: text + ".",
                    voice: text,
                    avatar: text,
                    engine: text,
                    step: nil,
                    time: nil,
                    timings: [entry]
                )
            ],
            messages: [MessageRow(kind: .alert, level: text, title: text, text: text, step: nil, time: nil)],
            problems: LogProblems(badLineCount: 1, examples: [text], unfinishedBytes: 1, failures: [text])
        )
    }

    @Test(arguments: texts)
    func neverLeavesTextOrAttributes(text: String) throws {
        let renderer = try SampleSite.renderer()
        let site = SiteContext(title: text)
        let hostile = Self.report(text)
        let harmless = Self.report("harmless")
        func pages(_ report: RunReport, _ site: SiteContext) throws -> [Markup] {
            let partner = SampleReports.report(
                id: "partner",
                name: report.name,
                configuration: [ConfigurationEntry(key: "other", value: report.name)],
                series: report.series
            )
            return try [
                renderer.runPage(report, site: site),
                renderer.indexPage([RunCard(report: report)], site: site),
                renderer.comparePage([report, partner], site: site),
                renderer.avatarsPage([report], site: site),
                renderer.notFoundPage(site: site),
            ].map { Markup(SampleSite.text($0)) }
        }
        let expected = try pages(harmless, SiteContext(title: "harmless"))
        for (page, plain) in zip(try pages(hostile, site), expected) {
            #expect(page.mistakes == [])
            #expect(page.elements.filter { $0.name == "script" }.map { $0.attributes["type"] } == ["module"])
            #expect(
                page.elements.allSatisfy { element in !element.attributes.keys.contains { $0.hasPrefix("on") }
                }
            )
            #expect(page.elements.allSatisfy { $0.attributes["style"] == nil })
            let outside = page.elements.filter { $0.name != "path" && $0.name != "text" }
            let same = plain.elements.filter { $0.name != "path" && $0.name != "text" }
            #expect(outside.map(\.name).count { $0 == "img" } == same.map(\.name).count { $0 == "img" })
            for element in page.elements {
                for key in ["href", "src", "poster"] {
                    guard let address = element.attributes[key] else { continue }
                    #expect(!address.contains(":") && !address.hasPrefix("//"), "\(key)=\(address)")
                }
            }
        }
    }

    @Test func longNamesAreShortened() throws {
        let report = Self.report(String(repeating: "long", count: 50_000))
        let page = try SampleSite.renderer().runPage(report, site: SiteContext())
        let harmless = try SampleSite.renderer().runPage(Self.report("short"), site: SiteContext())
        // The charts carry the full name in data attributes; all else is bounded.
        #expect(SampleSite.text(page).utf8.count < SampleSite.text(harmless).utf8.count + 4_000_000)
        #expect(Wording.shortened("aé", to: 2) == "a…")
        #expect(Wording.shortened("aé", to: 3) == "aé")
    }
}

import Foundation
import Testing

@testable import SiteGen

@Suite struct PageTests {
    private func html(_ report: RunReport) throws -> String {
        SampleSite.text(try SampleSite.renderer().runPage(report, site: SiteContext()))
    }

    private func allPages() throws -> [String] {
        let renderer = try SampleSite.renderer()
        let site = SiteContext()
        let runs = try SampleReports.all.map { try renderer.runPage($0, site: site) }
        return try
            (runs + [
                renderer.indexPage(SampleReports.all.map { RunCard(report: $0) }, site: site),
                renderer.comparePage(SampleReports.all, site: site),
                renderer.avatarsPage(SampleReports.all, site: site), renderer.notFoundPage(site: site),
                renderer.indexPage([], site: site), renderer.comparePage([], site: site),
                renderer.avatarsPage([], site: site),
            ]).map(SampleSite.text)
    }

    @Test func pagesAreWellFormedWithUniqueIdsAndOrderedHeadings() throws {
        for page in try allPages() {
            let markup = Markup(page)
            #expect(markup.mistakes == [])
            let ids = markup.elements.compactMap { $0.attributes["id"] }
            #expect(
                Set(ids).count == ids.count,
                "\(Dictionary(grouping: ids) { $0 }.filter { $1.count > 1 }.keys)"
            )
            let levels = markup.elements.compactMap { ["h1": 1, "h2": 2, "h3": 3][$0.name] }
            #expect(levels.count { $0 == 1 } == 1)
            #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 }, "\(levels)")
            #expect(page.contains("<!--build-status-->"))
            for element in markup.elements where element.name == "th" {
                #expect(element.attributes["scope"] != nil, "line \(element.line)")
            }
            for element in markup.elements where element.attributes["aria-labelledby"] != nil {
                let labels = (element.attributes["aria-labelledby"] ?? "").split(separator: " ").map(
                    String.init
                )
                #expect(labels.allSatisfy(ids.contains), "\(labels)")
            }
            for element in markup.elements {
                if let link = element.attributes["href"], link.hasPrefix("#") {
                    #expect(ids.contains(String(link.dropFirst())), "\(link)")
                }
            }
        }
    }

    @Test func sameValuesGiveTheSameBytes() throws {
        #expect(try allPages() == allPages())
    }

    @Test func runWithoutAPlanShowsNoProgressRingAndNoTimeLeft() throws {
        let page = try html(SampleReports.silent)
        #expect(!page.contains("ring-epoch") && !page.contains("ring-step") && !page.contains("card-eta"))
        let card = RunCard(report: SampleReports.silent)
        #expect(card.context[.progress] == .absent)
        #expect(card.context[.position] == "step 600")
    }

    @Test func timeLeftIsShownOnlyWhileTheRunIsGoing() throws {
        #expect(try html(SampleReports.running).contains("47 min 11 s"))
        let progress = SampleReports.progress(step: 5, totalSteps: 10, etaSeconds: 300, elapsedSeconds: 60)
        let stopped = SampleReports.report(status: .stopped, progress: progress)
        #expect(!(try html(stopped)).contains("Time left"))
    }

    @Test func newestValueThatIsNotANumberIsSaid() throws {
        #expect(try html(SampleReports.failed).contains("last finite 6.25"))
    }

    @Test func longTablesShowTheNewestRowsAndHowManyThereAre() throws {
        let epochs = (0..<1234).map { epoch in
            EpochRow(
                epoch: Double(epoch),
                averageLoss: 1,
                ctcLoss: nil,
                ceLoss: nil,
                learningRate: nil,
                wordErrorRate: nil,
                time: nil,
                durationSeconds: nil
            )
        }
        let page = try html(SampleReports.report(epochs: epochs))
        #expect(page.contains("The newest 200 of 1234 epochs"))
        #expect(page.contains("<th scope=\"row\">1233</th>") && !page.contains("<th scope=\"row\">1033</th>"))
    }

    @Test func clipsOfOneTextStandTogetherNewestFirst() throws {
        let first = SampleReports.report(
            id: "a",
            samples: [
                SampleReports.clip("hello", voice: "amy", at: 0),
                SampleReports.clip("other", voice: "amy", at: 1),
            ]
        )
        let second = SampleReports.report(
            id: "b",
            samples: [SampleReports.clip("hello", voice: "joe", at: 2)]
        )
        let page = SampleSite.text(
            try SampleSite.renderer().avatarsPage([first, second], site: SiteContext())
        )
        let order = Markup(page).elements.filter { $0.name == "article" }.compactMap { $0.attributes["id"] }
        #expect(order == ["clip-b-1", "clip-a-1", "clip-a-2"])
        #expect(page.contains("src=\"../runs/b/media/joe%201.mp4\""))
    }

    @Test func addressesOfMediaKeepNoByteThatMeansSomething() {
        #expect(URLText.encoded(path: "media/a b#c?d%e:é.mp4") == "media/a%20b%23c%3Fd%25e%3A%C3%A9.mp4")
    }

    @Test func runsKeepTheirColoursWhenOthersJoin() throws {
        let renderer = try SampleSite.renderer()
        func colours(_ reports: [RunReport]) throws -> [String: String] {
            let page = SampleSite.text(try renderer.comparePage(reports, site: SiteContext()))
            let boxes = Markup(page).elements.filter { $0.attributes["data-color"] != nil }
            return Dictionary(
                uniqueKeysWithValues: boxes.map {
                    ($0.attributes["value"] ?? "", $0.attributes["data-color"] ?? "")
                }
            )
        }
        let old = [SampleReports.completed, SampleReports.stopped]
        let before = try colours(old)
        let after = try colours([SampleReports.running] + old)
        #expect(before.count == 2)
        #expect(before.allSatisfy { after[$0.key] == $0.value })
    }

    @Test func comparisonListsOnlySettingsThatDiffer() throws {
        let page = SampleSite.text(
            try SampleSite.renderer().comparePage(SampleReports.all, site: SiteContext())
        )
        let table = page.split(separator: "config-diff").last.map(String.init) ?? ""
        #expect(table.contains("model.layers") && table.contains("optimizer.lr") && table.contains("not set"))
        #expect(!table.contains(">seed<"))
    }

    @Test func cardIsDrawnAnewOnlyForOtherTemplates() throws {
        let card = RunCard(report: SampleReports.running)
        let own = try TemplateLibrary.load(directories: [SampleSite.templates])
        var sources = own.sources
        sources[PageRenderer.cardTemplate] = try TemplateSource(
            file: "card.mustache",
            text: VoxsiteContentType.declaration + "\n<li>{{name}}</li>"
        )
        let other = try TemplateLibrary(sources: sources)
        let first = try card.markup(in: own)
        #expect(first.contains("run-stage2-20261124"))
        #expect(try card.markup(in: own) == first)
        #expect(try card.markup(in: other) == "<li>VoxFormer stage 2</li>")
        #expect(try card.markup(in: own) == first)
    }

    @Test func missingPageTemplateIsAnError() throws {
        let library = try TemplateLibrary(sources: [:])
        #expect(throws: SiteGenError.self) { try PageRenderer(library: library) }
    }

    @Test(arguments: [
        (0, "0"), (9999, "9999"), (12345, "12\u{202F}345"), (-1_000_000, "-1\u{202F}000\u{202F}000"),
    ])
    func numbersAreGrouped(number: Int, text: String) {
        #expect(Wording.grouped(number) == text)
    }
}

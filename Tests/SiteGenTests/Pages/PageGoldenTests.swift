import Testing
import TestSupport

@testable import SiteGen

/// Every page in every designed state, as it is published.
@Suite struct PageGoldenTests {
    @Test func runPages() throws {
        let renderer = try SampleSite.renderer()
        for report in SampleReports.all {
            let file = try renderer.runPage(report, site: SiteContext())
            assertSnapshot(SampleSite.textWithoutDrawings(file), as: "run-\(report.id).html")
        }
    }

    @Test func indexPage() throws {
        let renderer = try SampleSite.renderer()
        let cards = SampleReports.all.map { RunCard(report: $0) }
        assertSnapshot(
            SampleSite.textWithoutDrawings(try renderer.indexPage(cards, site: SiteContext())),
            as: "index.html"
        )
        assertSnapshot(
            SampleSite.textWithoutDrawings(try renderer.indexPage([], site: SiteContext())),
            as: "index-empty.html"
        )
    }

    @Test func comparePage() throws {
        let renderer = try SampleSite.renderer()
        let full = try renderer.comparePage(SampleReports.all, site: SiteContext())
        assertSnapshot(SampleSite.textWithoutDrawings(full), as: "compare.html")
        assertSnapshot(
            SampleSite.textWithoutDrawings(try renderer.comparePage([], site: SiteContext())),
            as: "compare-empty.html"
        )
    }

    @Test func avatarsPage() throws {
        let renderer = try SampleSite.renderer()
        let full = try renderer.avatarsPage(SampleReports.all, site: SiteContext())
        assertSnapshot(SampleSite.textWithoutDrawings(full), as: "avatars.html")
        assertSnapshot(
            SampleSite.textWithoutDrawings(try renderer.avatarsPage([], site: SiteContext())),
            as: "avatars-empty.html"
        )
    }

    @Test func notFoundPage() throws {
        let renderer = try SampleSite.renderer()
        assertSnapshot(
            SampleSite.textWithoutDrawings(try renderer.notFoundPage(site: SiteContext())),
            as: "404.html"
        )
    }
}

import Files
import Foundation
import TestSupport
import Testing

@testable import SiteGen

/// What pages show of the collector beside the runs: docs/collector-status.md.
@Suite struct CollectorBlockTests {
    /// The fixture's clock shows 1,765,006,000.
    private func status(
        time: Int = 1_765_005_990,
        reachable: Bool = true,
        error: String = "null",
        lag: Int = 0,
        run: String = "a",
        more: String = ""
    ) -> String {
        """
        {"schema":1,"time":\(time),"interval":15\(more),"hosts":[{"name":"gpu<1>","channel":"sftp+exec",\
        "reachable":\(reachable),"since":1765005000,"last_success":1765005990,"error":\(error),"attempts":0,"files":3,\
        "lag_bytes":0,"lag_seconds":\(lag)}],"runs":[{"id":"\(run)","host":"gpu<1>","newest_data":1765005988,\
        "lag_bytes":0,"lag_seconds":\(lag),"files":1,"generations":0,"vanished":0}]}
        """
    }

    private func site(_ status: String?) async throws -> (index: String, run: String, fixture: BuildFixture) {
        let fixture = try BuildFixture()
        try fixture.append(BuildFixture.line(990, loss: 1), to: "a")
        if let status { try fixture.folder.write(status, to: "runs/collector/status.json") }
        _ = try await fixture.builder().build()
        return (try fixture.page("index.html"), try fixture.page("runs/a/index.html"), fixture)
    }

    @Test func `hosts and the age of data are shown, escaped`() async throws {
        let (index, run, _) = try await site(status())
        #expect(index.contains("id=\"collector\"") && index.contains("gpu&lt;1&gt;"))
        #expect(
            index.contains(
                "data-status=\"running\" data-silent-after=\"1765006065\" data-since=\"1765005960\">collecting<"
            )
        )
        #expect(index.contains(">reachable<") && index.contains("sftp+exec") && index.contains("3 logs"))
        #expect(run.contains("id=\"collected\"") && run.contains("newest data <time"))
        #expect(run.contains("data-time=\"1765005980\" data-relative"))
        #expect(!index.contains("behind") && !index.contains("gpu<1>") && !run.contains("gpu<1>"))
    }

    @Test func `an unreachable host, its error and the lag are shown`() async throws {
        let (index, run, _) = try await site(
            status(reachable: false, error: "\"no connection: <b>refused</b>\"", lag: 135)
        )
        for page in [index, run] {
            #expect(page.contains("data-status=\"error\">unreachable<"))
            #expect(page.contains("no connection: &lt;b&gt;refused&lt;/b&gt;"))
            #expect(page.contains("2 min behind"))
        }
    }

    @Test func `a collector that stopped writing is silent, one that was ended is stopped`() async throws {
        let silent = try await site(status(time: 1765005000))
        #expect(silent.index.contains("data-status=\"silent\">collector silent since"))
        #expect(silent.index.contains(">unknown<") && !silent.index.contains(">reachable<"))
        #expect(silent.run.contains("collector silent since"))
        let stopped = try await site(status(time: 1765005000, more: ",\"stopped\":true"))
        #expect(stopped.index.contains("data-status=\"stopped\">collector stopped<"))
    }

    @Test(arguments: [
        "", "{", "[]", "{\"schema\":2,\"time\":1765005990}", "{\"schema\":1}", "{\"schema\":1,\"time\":-1}",
        "{\"schema\":1,\"time\":1e300}",
    ])
    func `what makes no sense is as if there were no collector`(_ text: String) async throws {
        let (index, run, _) = try await site(text)
        #expect(!index.contains("id=\"collector\"") && !run.contains("id=\"collected\""))
    }

    @Test func `hostile members are left out or bounded`() async throws {
        let (index, _, _) = try await site(
            """
            {"schema":1,"time":1765005990,"interval":-4,"hosts":[{"name":5},7,{"name":"\(String(repeating: "x", count: 5_000))",\
            "files":1e400,"since":-3,"lag_seconds":"much"}],"runs":[{"id":1},null]}
            """
        )
        #expect(index.contains("id=\"collector\"") && index.contains("0 logs"))
        #expect(!index.contains(String(repeating: "x", count: 500)))
    }

    @Test func `its folder is no run, and a run it does not know has no such line`() async throws {
        let (index, run, fixture) = try await site(status(run: "other"))
        #expect(!index.contains("runs/collector") && !run.contains("id=\"collected\""))
        try fixture.folder.write("{\"step\":1}\n", to: "runs/collector/metrics.jsonl")
        _ = try await fixture.builder().build()
        #expect(try !fixture.page("index.html").contains("runs/collector"))
    }

    @Test func `heart-beats redraw nothing, news does`() async throws {
        let fixture = try BuildFixture()
        try fixture.append(BuildFixture.line(990, loss: 1), to: "a")
        try fixture.append(BuildFixture.line(990, loss: 1), to: "b")
        let builder = try fixture.builder()
        func build(_ text: String) async throws -> [String] {
            try fixture.folder.write(text, to: "runs/collector/status.json")
            return try await builder.build(fixture.change("collector")).changedPaths
        }
        _ = try await builder.build()
        let first = try await build(status(time: 1765005950))
        #expect(first.contains("index.html") && first.contains("runs/a/index.html"))
        #expect(!first.contains("runs/b/index.html"))
        #expect(try await build(status(time: 1765005955)) == [])
        let lost = try await build(status(time: 1765005955, reachable: false))
        #expect(lost.contains("index.html") && lost.contains("runs/a/index.html") && lost.count <= 4)
        // Time alone makes it silent.
        fixture.clock.advance(bySeconds: 600)
        let quiet = try await builder.build(
            ChangeSet(entries: [], needsDiscovery: false, templates: false, assets: false)
        ).changedPaths
        #expect(quiet.contains("index.html"))
        #expect(try fixture.page("index.html").contains("collector silent since"))
    }
}

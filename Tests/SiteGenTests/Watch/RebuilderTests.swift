import Foundation
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import SiteGen

/// From a written line to the page, through the real watcher.
@Suite(.timeLimit(.minutes(1))) struct RebuilderTests {
    /// Runs a rebuilder and hands over the builds it tells of.
    private func watching(
        _ fixture: BuildFixture,
        _ body: (AsyncStream<Result<BuildReport, any Error>>) async throws -> Void
    ) async throws {
        let (builds, continuation) = AsyncStream.makeStream(of: Result<BuildReport, any Error>.self)
        let clock = fixture.clock
        let rebuilder = try Rebuilder(
            builder: try fixture.builder(),
            configuration: fixture.configuration(),
            live: LiveEvents(),
            metrics: ServerMetrics(),
            now: { clock.now }
        ) { continuation.yield($0) }
        try await rebuilder.buildFirst()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await rebuilder.run() }
            try await body(builds)
            group.cancelAll()
        }
    }

    @Test func `a line, a new run and a template each bring a build`() async throws {
        let fixture = try BuildFixture()
        try fixture.append(BuildFixture.line(1, loss: 1), to: "a")
        try await watching(fixture) { builds in
            var builds = builds.makeAsyncIterator()
            #expect(try await builds.next()?.get().runCount == 1)
            try fixture.append(BuildFixture.line(2, loss: 0.5), to: "a")
            #expect(try await builds.next()?.get().rendered == ["a"])
            try fixture.append(BuildFixture.line(1, loss: 1), to: "b")
            while let build = try await builds.next()?.get(),
                build.runCount < 2 || !build.rendered.contains("b")
            {}
            #expect(try fixture.page("runs/b/index.html").contains("train/loss"))
            try fixture.folder.write("{{% CONTENT_TYPE:VOXSITE}}{{oops}}", to: "templates/404.mustache")
            var failure: (any Error)?
            while failure == nil, let build = await builds.next() {
                if case .failure(let error) = build { failure = error }
            }
            #expect("\(failure.map { "\($0)" } ?? "")".contains("oops"))
        }
    }
}

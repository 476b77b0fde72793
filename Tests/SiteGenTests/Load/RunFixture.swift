import Foundation
import RunRecords
import TestSupport

@testable import SiteGen

/// A folder with one run in it.
final class RunFixture {
    /// Tests count their seconds from here, on a day in 2025.
    static let origin = 1_765_000_000.0

    static func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: origin + seconds) }

    let directory: TemporaryDirectory

    init(_ log: String, description: String? = nil) throws {
        directory = try TemporaryDirectory()
        try directory.write(log, to: "run/metrics.jsonl")
        if let description { try directory.write(description, to: "run/run.json") }
    }

    func append(_ text: String) throws { try directory.append(text, to: "run/metrics.jsonl") }

    var source: RunSource {
        get throws {
            guard let source = try RunSource.discover(in: directory.path).first else { throw Missing() }
            return source
        }
    }

    struct Missing: Error {}

    /// Reads everything anew.
    func report(now: Double = 1_000_000) async throws -> RunReport {
        var log = RunLog(source: try source)
        _ = try await log.refresh(parallelism: 2)
        return RunReport(log, now: Self.date(now))
    }
}

import Files
import Foundation
import RunRecords

/// Reads `collector/status.json` in the folder of runs, as often as it changes.
///
/// The file may be written by anybody: it is bounded and checked, and what makes no sense is as if there were no
/// collector.
struct CollectorFile: Sendable {
    private let path: String
    private var identity: FileIdentity?
    private var contents: Contents?

    /// A longer file is no status.
    private static let maximumLength = 16 << 20
    private static let maximumCount = 10_000

    /// What the file says, before any rounding.
    private struct Contents: Sendable {
        var time: Double
        var interval: Double
        var isStopped: Bool
        var hosts: [CollectorReport.Host]
        var runs: [String: CollectorReport.Run]
    }

    /// - Parameter runs: the folder of runs.
    init(runs: String) { path = runs + "/\(RunSource.collectorFolder)/status.json" }

    /// What pages show now.
    ///
    /// - Parameter now: tells a silent collector from a working one.
    /// - Returns: nil where there is no collector.
    mutating func report(now: Date) -> CollectorReport? {
        let current = FileIdentity.find(path, followingSymbolicLinks: false)
        if current != identity || current?.isYoung ?? false {
            identity = current
            contents = current?.kind == .file ? Self.read(path) : nil
        }
        return contents.map { Self.report($0, now: now.timeIntervalSince1970) }
    }

    private static func report(_ contents: Contents, now: Double) -> CollectorReport {
        // To the minute while all is well: then a page changes once a minute at most.
        let minute = (contents.time / 60).rounded(.down) * 60
        let silentAfter = minute + 60 + 3 * contents.interval
        let state: CollectorReport.State =
            contents.isStopped ? .stopped : now > silentAfter ? .silent : .working
        return CollectorReport(
            state: state,
            since: Date(timeIntervalSince1970: state == .working ? minute : contents.time.rounded(.down)),
            silentAfter: Date(timeIntervalSince1970: silentAfter),
            hosts: contents.hosts,
            runs: contents.runs
        )
    }

    // MARK: Parsing

    private static func read(_ path: String) -> Contents? {
        guard let file = try? OpenFile.reading(path), let bytes = try? file.readAll(limit: maximumLength),
            let value = try? JSONParser.parse(bytes), value["schema"]?.number == 1,
            let time = time(value["time"])
        else { return nil }
        let interval = value["interval"]?.finite.flatMap { (1...86_400).contains($0) ? $0 : nil }
        var runs: [String: CollectorReport.Run] = [:]
        for value in value["runs"]?.array?.prefix(maximumCount) ?? [] {
            guard let id = value["id"]?.string, let host = value["host"]?.string else { continue }
            runs[id] = CollectorReport.Run(
                host: Wording.shortened(host, to: TextLimit.name),
                newestData: Self.time(value["newest_data"]).map {
                    Date(timeIntervalSince1970: ($0 / 10).rounded(.down) * 10)
                },
                lagSeconds: lag(value["lag_seconds"]),
                vanishedCount: count(value["vanished"])
            )
        }
        return Contents(
            time: time,
            interval: interval ?? 15,
            isStopped: value["stopped"]?.bool ?? false,
            hosts: (value["hosts"]?.array?.prefix(1_000) ?? []).compactMap(host),
            runs: runs
        )
    }

    private static func host(_ value: JSONValue) -> CollectorReport.Host? {
        guard let name = value["name"]?.string else { return nil }
        return CollectorReport.Host(
            name: Wording.shortened(name, to: TextLimit.name),
            channel: Wording.shortened(value["channel"]?.string ?? "", to: TextLimit.name),
            isReachable: value["reachable"]?.bool ?? false,
            since: time(value["since"]).map { Date(timeIntervalSince1970: $0.rounded(.down)) },
            error: value["error"]?.string.map { Wording.shortened($0, to: TextLimit.text) },
            fileCount: count(value["files"]),
            lagSeconds: lag(value["lag_seconds"])
        )
    }

    private static func time(_ value: JSONValue?) -> Double? {
        value?.finite.flatMap { (0...1e11).contains($0) ? $0 : nil }
    }

    private static func count(_ value: JSONValue?) -> Int {
        value?.finite.flatMap { (0...1e9).contains($0) ? Int($0) : nil } ?? 0
    }

    /// In steps that a reader would notice: below ten seconds all is well.
    private static func lag(_ value: JSONValue?) -> Double? {
        guard let seconds = value?.finite, (10...1e9).contains(seconds) else { return nil }
        let step: Double = seconds < 60 ? 10 : seconds < 3_600 ? 60 : 3_600
        return (seconds / step).rounded(.down) * step
    }
}

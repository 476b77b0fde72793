import Files
import Foundation
import RunRecords
import Synchronization
import TestSupport

@testable import Collector

extension FollowEvent {
    var isFailure: Bool { if case .disconnected = self { true } else { false } }
}

enum MemoryUse {
    /// Source: proc_pid_statm(5), the second number is of resident pages.
    static func residentByteCount() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ").dropFirst().first ?? "0") ?? 0) * 4096
    }
}

/// Hosts in memory, a destination on disk, and a clock that goes only while the follower waits.
final class FollowedSite: Sendable {
    let time = ManualTime()
    let mirror: TemporaryDirectory
    private let names: [String]
    private let hosts: [String: MemoryTransport]
    private let seen = Mutex<[FollowEvent]>([])
    private let openings = Mutex<[String: @Sendable () async throws -> Void]>([:])
    private let opened = Mutex<[String: Int]>([:])

    init(_ names: [String]) throws {
        self.names = names
        mirror = try TemporaryDirectory.fast()
        hosts = Dictionary(uniqueKeysWithValues: names.map { ($0, MemoryTransport(displayName: $0)) })
    }

    var events: [FollowEvent] { seen.withLock { $0 } }

    func transport(_ name: String) -> MemoryTransport { hosts[name] ?? MemoryTransport() }

    func openCount(_ name: String) -> Int { opened.withLock { $0[name] ?? 0 } }

    /// Runs before each opening of a connection.
    func setOpening(_ name: String, _ body: (@Sendable () async throws -> Void)?) {
        openings.withLock { $0[name] = body }
    }

    func write(_ host: String, _ name: String, _ text: String) {
        guard let path = try? RelativePath(validating: name) else { return }
        transport(host).change { $0.edit(path) { $0 = Array(text.utf8) } }
    }

    func append(_ host: String, _ name: String, _ text: String) {
        guard let path = try? RelativePath(validating: name) else { return }
        transport(host).change { $0.edit(path) { $0 += Array(text.utf8) } }
    }

    func text(_ name: String) -> String? { try? mirror.readText(name) }

    /// Logs at the destination.
    var copyCount: Int {
        (try? DirectoryTree.walk(mirror.path))?.filter { $0.path.string.hasSuffix("metrics.jsonl") }.count
            ?? 0
    }

    var configuration: FollowConfiguration {
        let sources = names.map { name in
            FollowSource(name: name, location: "\(name):/runs") { [self] in
                opened.withLock { $0[name, default: 0] += 1 }
                try await openings.withLock { $0[name] }?()
                return transport(name)
            }
        }
        var configuration = FollowConfiguration(sources: sources, destinationRoot: mirror.path)
        configuration.time = time.time
        configuration.random = { 0.5 }
        configuration.wallTime = { [time] in 1_700_000_000 + time.now.inSeconds }
        configuration.report = { [self] event in seen.withLock { $0.append(event) } }
        return configuration
    }

    /// Follows while `body` runs, then ends in an orderly way.
    func follow(_ body: () async throws -> Void) async throws -> FollowSummary {
        let configuration = configuration
        let follower = Task { try await Follower(configuration: configuration).run() }
        do { try await body() } catch {
            follower.cancel()
            _ = try? await finish(follower)
            throw error
        }
        follower.cancel()
        return try await finish(follower)
    }

    private func finish(_ follower: Task<FollowSummary, any Error>) async throws -> FollowSummary {
        let isDone = Mutex(false)
        async let summary = {
            defer { isDone.withLock { $0 = true } }
            return try await follower.value
        }()
        // The last pass needs no clock, but its time limit is somebody who waits: half a second without a sign of it
        // means that it hangs.
        while !isDone.withLock({ $0 }) {
            await rest(for: .milliseconds(500)) { isDone.withLock { $0 } }
            moveClock()
        }
        return try await summary
    }

    /// Lets the follower work until it waits, then moves the clock to the next moment that somebody waits for.
    ///
    /// What it does between two waits takes a few turns of the executor, some on other threads, and the system may take
    /// those away for some milliseconds. At rest, each host waits for its logs and for its whole files, and the board
    /// for its next writing; before that nothing but the clock of the wall can tell that one of them hangs.
    func step() async throws {
        await rest(for: .milliseconds(4), whileWorking: .milliseconds(60))
        moveClock()
    }

    private func moveClock() {
        if let next = time.nextWake { time.advance(by: max(.milliseconds(1), next - time.now)) }
    }

    /// Waits until nothing has changed for so long by the clock of the wall.
    private func rest(
        for quiet: Duration,
        whileWorking longer: Duration? = nil,
        unless isOver: () -> Bool = { false }
    ) async {
        let atRest = names.count * 2 + 1
        let wall = ContinuousClock()
        var quietSince = wall.now
        var last = -1
        while !isOver() {
            await Task.yield()
            let work = hosts.values.reduce(time.sleeperCount) { sum, host in
                MemoryTransport.Operation.allCases.reduce(sum) { $0 + host.count(of: $1) }
            }
            if work != last { (last, quietSince) = (work, wall.now) }
            if wall.now - quietSince >= (time.sleeperCount >= atRest ? quiet : longer ?? quiet) { return }
        }
    }

    struct NeverCame: Error {}

    func settle(_ isSettled: () -> Bool) async throws {
        for _ in 0..<3_000 {
            if isSettled() { return }
            try await step()
        }
        throw NeverCame()
    }

    /// The board's file, as soon as it says something.
    func status(_ isIt: (JSONValue) -> Bool) async throws -> JSONValue {
        for _ in 0..<1_000 {
            if let text = text("collector/status.json"), let value = try? JSONParser.parse(Array(text.utf8)),
                isIt(value)
            {
                return value
            }
            try await step()
        }
        throw NeverCame()
    }
}

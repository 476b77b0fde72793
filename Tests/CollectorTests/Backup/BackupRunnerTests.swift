import Files
import RunRecords
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// Fetches nothing: tells what it was asked for, and waits where a test says.
private final class ScriptedFetcher: CheckpointFetcher {
    let asked = Mutexed<[String]>([])
    let concurrent = Mutexed((now: 0, most: 0))
    /// Where it hangs until it is cancelled.
    let hangs = Mutexed<Set<String>>([])
    private let real = TransferFetcher(time: JumpingClock().time)
    private let (told, tell) = AsyncStream.makeStream(of: Void.self)

    /// Waits until a file has been asked for.
    func wait(for path: String) async {
        var told = told.makeAsyncIterator()
        while !asked.value.contains(path) { _ = await told.next() }
    }

    func fetch(
        _ path: RelativePath,
        from source: any Transport,
        into folder: String,
        seen: ObservedStatus?
    ) async throws -> FetchedFile {
        asked.update { $0.append(path.string) }
        tell.yield()
        concurrent.update { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        defer { concurrent.update { $0.now -= 1 } }
        if hangs.value.contains(path.string) {
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            continuation.finish()
            throw CancellationError()
        }
        return try await real.fetch(path, from: source, into: folder, seen: nil)
    }
}

/// A service over one job, driven by a clock that a test moves.
private struct Drive: Sendable {
    let fixture: BackupFixture
    let time = SteppedTime()
    let fetcher = ScriptedFetcher()
    let stop = OrderlyStop()
    let reports = Mutexed<[BackupReport]>([])
    let words = Mutexed<[String]>([])
    let isAway = Mutexed(false)
    let opened = Mutexed(0)
    var job: BackupJob
    private let told: AsyncStream<Void>
    private let tell: AsyncStream<Void>.Continuation

    init(_ fixture: BackupFixture, run: String? = nil) {
        self.fixture = fixture
        job = fixture.job
        job.run = run
        (told, tell) = AsyncStream.makeStream(of: Void.self)
    }

    private var environment: BackupEnvironment {
        let (reports, words, isAway, opened, tell) = (reports, words, isAway, opened, tell)
        let (wall, time) = (fixture.wall.value, time)
        var environment = BackupEnvironment(
            open: { location in
                opened.update { $0 += 1 }
                if isAway.value { throw CollectorError.connection(host: "gpu", reason: "no route") }
                return LocalTransport(root: location.path)
            },
            time: time.time,
            wallClock: { wall + Double(time.now.components.seconds) },
            random: { 0.5 },
            report: { report in
                reports.update { $0.append(report) }
                tell.yield()
            },
            say: { text in words.update { $0.append(text) } }
        )
        environment.fetcher = fetcher
        return environment
    }

    func run() async throws -> BackupService.Ending {
        try await BackupService(jobs: [job], environment: environment).run(stop: stop)
    }

    /// Waits until so many passes have been reported.
    func wait(forReports count: Int) async {
        var told = told.makeAsyncIterator()
        while reports.value.count < count { _ = await told.next() }
    }
}

@Suite(.timeLimit(.minutes(2))) struct BackupRunnerTests {
    private let fixture: BackupFixture

    init() throws { fixture = try BackupFixture() }

    /// Runs a service and a script beside it; the script ends the service.
    private func drive(
        _ drive: Drive,
        _ script: @escaping @Sendable (Drive) async throws -> Void
    ) async throws -> BackupService.Ending {
        async let ending = drive.run()
        try await script(drive)
        return try await ending
    }

    @Test(
        "A pass at once, then one an interval and half its jitter after the end of the other, and a final one"
    )
    func interval() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        let ending = try await drive(Drive(fixture)) { drive in
            await drive.time.wait { $0 == [.seconds(1830)] }
            #expect(drive.reports.value.count == 1)
            drive.time.advance(by: .seconds(1829))
            await drive.time.wait { $0 == [.seconds(1)] }
            #expect(drive.reports.value.count == 1)
            drive.time.advance(by: .seconds(1))
            await drive.wait(forReports: 2)
            await drive.time.wait { $0 == [.seconds(1830)] }
            drive.stop.request()
        }
        #expect(ending.exitStatus == 0)
        #expect(ending.reports.map(\.isFinal) == [true])
    }

    @Test("After a failure it catches up soon and ever more rarely; once the host is back, at the usual pace")
    func catchUp() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        let drive = Drive(fixture)
        drive.isAway.update { $0 = true }
        let ending = try await self.drive(drive) { drive in
            // Half of 2, 4, 8 seconds, above a second.
            for seconds in [1.5, 2.5, 4.5] {
                await drive.time.wait { $0 == [.seconds(seconds)] }
                if seconds == 4.5 { drive.isAway.update { $0 = false } }
                drive.time.advance(by: .seconds(seconds))
            }
            await drive.time.wait { $0 == [.seconds(1830)] }
            #expect(drive.reports.value.map(\.isVerified) == [false, false, false, true])
            drive.stop.request()
        }
        #expect(ending.isVerified)
    }

    @Test("The schedule survives a restart")
    func restart() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        let store = try await BackupStore.open(fixture.folder, now: { [fixture] in fixture.wall.value - 600 })
        try await store.notePass(succeeded: true)
        _ = consume store
        let drive = Drive(fixture)
        _ = try await self.drive(drive) { drive in
            await drive.time.wait { $0 == [.seconds(1200)] }
            #expect(drive.opened.value == 0)
            drive.stop.request()
        }
    }

    @Test("A pass that takes longer than intervals never overlaps another")
    func noOverlap() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        let drive = Drive(fixture)
        drive.fetcher.hangs.update { $0 = ["best.pt"] }
        let ending = try await self.drive(drive) { drive in
            await drive.fetcher.wait(for: "best.pt")
            for _ in 0..<5 { drive.time.advance(by: .seconds(4000)) }
            for _ in 0..<100 { await Task.yield() }
            #expect(drive.fetcher.asked.value.count == 1)
            drive.fetcher.hangs.update { $0 = [] }
            drive.stop.request()
        }
        #expect(drive.fetcher.concurrent.value.most == 1)
        // The pass that hung was broken off by the stop, and the final one made good.
        #expect(ending.isVerified)
        #expect(drive.fetcher.asked.value == ["best.pt", "best.pt"])
    }

    @Test("The final pass takes logs first, then the history, the best, the final and the newest step")
    func finalOrder() async throws {
        let drive = Drive(fixture)
        let ending = try await self.drive(drive) { drive in
            await drive.time.wait { $0 == [.seconds(1830)] }
            for name in ["step_9.pt", "step_10.pt", "best.pt", "final.pt"] {
                try drive.fixture.put(BackupFixture.checkpoint(UInt64(name.utf8.count)), name)
            }
            try drive.fixture.put(Array("a\n".utf8), "epoch_history.log")
            try drive.fixture.put(Array("b\n".utf8), "train.log")
            drive.stop.request()
        }
        #expect(ending.exitStatus == 0)
        #expect(
            ending.reports.last?.files.map(\.path.string)
                == ["train.log", "epoch_history.log", "best.pt", "final.pt", "step_10.pt"]
        )
    }

    @Test("The final pass ends when its time is up, with what came before, and the shell is told 23")
    func finalTimeout() async throws {
        let drive = Drive(fixture)
        let ending = try await self.drive(drive) { drive in
            await drive.time.wait { $0 == [.seconds(1830)] }
            try drive.fixture.put(Array("a\n".utf8), "epoch_history.log")
            try drive.fixture.put(BackupFixture.checkpoint(1), "best.pt")
            drive.fetcher.hangs.update { $0 = ["best.pt"] }
            drive.stop.request()
            await drive.fetcher.wait(for: "best.pt")
            await drive.time.wait { $0.contains(.seconds(75)) }
            drive.time.advance(by: .seconds(74))
            await drive.time.wait { $0 == [.seconds(1)] }
            drive.time.advance(by: .seconds(1))
        }
        #expect(ending.exitStatus == 23)
        #expect(ending.unfinished == ["job"])
        #expect(fixture.kept("epoch_history.log") == Array("a\n".utf8))
        #expect(fixture.kept("best.pt") == nil)
    }

    @Test("A second request ends the final pass at once")
    func secondRequest() async throws {
        let drive = Drive(fixture)
        let ending = try await self.drive(drive) { drive in
            await drive.time.wait { $0 == [.seconds(1830)] }
            try drive.fixture.put(BackupFixture.checkpoint(1), "best.pt")
            drive.fetcher.hangs.update { $0 = ["best.pt"] }
            drive.stop.request()
            await drive.fetcher.wait(for: "best.pt")
            drive.stop.request()
        }
        #expect(ending.exitStatus == 23)
        #expect(drive.time.now == .zero)
    }

    @Test(
        "When the run's log says it has ended, the final pass is made at once; then its host may go",
        arguments: [
            "completed", "stopped", "error",
        ]
    )
    func runEnds(_ status: String) async throws {
        let drive = Drive(fixture, run: "run")
        let log = "runs/run/metrics.jsonl"
        try fixture.directory.append(#"{"time":1,"event":"status","status":"running"}"# + "\n", to: log)
        let ending = try await self.drive(drive) { drive in
            await drive.time.wait { $0 == [.seconds(5), .seconds(1830)] }
            try drive.fixture.put(BackupFixture.checkpoint(1), "best.pt")
            let line = #"{"time":2,"event":"status","status":"\#(status)"}"#
            // A line that has not come whole says nothing yet.
            try drive.fixture.directory.append(line, to: log)
            drive.time.advance(by: .seconds(5))
            await drive.time.wait { $0 == [.seconds(5), .seconds(1825)] }
            try drive.fixture.directory.append("\n", to: log)
            drive.time.advance(by: .seconds(5))
            await drive.wait(forReports: 2)
            #expect(drive.reports.value.map(\.isFinal) == [false, true])
            #expect(drive.fixture.kept("best.pt") == BackupFixture.checkpoint(1))
            await drive.time.wait { $0 == [.seconds(5), .seconds(1830)] }
            drive.isAway.update { $0 = true }
            drive.time.advance(by: .seconds(1830))
            // Nothing but a look at the log from now on.
            await drive.time.wait { [drive] waits in
                waits == [.seconds(5)] && drive.words.value.contains { $0.contains("its host is gone") }
            }
            let opened = drive.opened.value
            for _ in 0..<50 {
                drive.time.advance(by: .seconds(5))
                await drive.time.wait { $0 == [.seconds(5)] }
            }
            #expect(drive.opened.value == opened)
            // The run is taken up again on a new host.
            drive.isAway.update { $0 = false }
            try drive.fixture.directory.append(
                #"{"time":3,"event":"status","status":"running"}"# + "\n",
                to: log
            )
            drive.time.advance(by: .seconds(5))
            await drive.time.wait { $0.count == 2 }
            drive.stop.request()
        }
        #expect(ending.isVerified)
    }

    @Test("A final pass at the end of a run that fails is tried again")
    func runEndsAway() async throws {
        let drive = Drive(fixture, run: "run")
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        try fixture.directory.append(
            #"{"time":1,"event":"status","status":"completed"}"# + "\n",
            to: "runs/run/metrics.jsonl"
        )
        drive.isAway.update { $0 = true }
        _ = try await self.drive(drive) { drive in
            await drive.wait(forReports: 1)
            await drive.time.wait { $0.contains(.seconds(1.5)) }
            drive.isAway.update { $0 = false }
            drive.time.advance(by: .seconds(1.5))
            await drive.wait(forReports: 2)
            #expect(drive.reports.value.map(\.isFinal) == [true, true])
            #expect(drive.reports.value.map(\.isVerified) == [false, true])
            drive.stop.request()
        }
    }

    @Test("One pass on demand tells the shell 0 or 23")
    func once() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        let service = BackupService(jobs: [fixture.job], environment: fixture.environment())
        #expect(try await service.runOnce().exitStatus == 0)
        try fixture.put([1, 2, 3], "best.pt")
        let ending = try await service.runOnce()
        #expect(ending.exitStatus == 23 && ending.reports.count == 1)
        var environment = fixture.environment()
        environment.open = { _ in throw CollectorError.hostKeyChanged(host: "gpu", pinned: "a", offered: "b")
        }
        #expect(
            try await BackupService(jobs: [fixture.job], environment: environment).runOnce().exitStatus == 5
        )
    }

    @Test("Jobs fail on their own")
    func independent() async throws {
        try fixture.put(BackupFixture.checkpoint(1), "best.pt")
        var second = fixture.job
        second.name = "second"
        second.source = Location(path: fixture.directory.path(of: "nowhere"))
        try fixture.directory.write("not a folder", to: "backups/third")
        var third = fixture.job
        third.name = "third"
        let ending = try await BackupService(
            jobs: [third, second, fixture.job],
            environment: fixture.environment()
        ).runOnce()
        #expect(ending.failures.map(\.job) == ["third"])
        #expect(ending.reports.map(\.isVerified) == [false, true])
        #expect(ending.exitStatus == 23)
    }
}

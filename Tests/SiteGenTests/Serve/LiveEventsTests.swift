import Files
import Synchronization
import Testing

@testable import SiteGen

@Suite(.timeLimit(.minutes(1))) struct LiveEventsTests {
    @Test func `an open page hears of changes, failures and recovery`() async throws {
        let live = LiveEvents()
        let site = try SiteFixture()
        try await withServer(site, live: live) { port in
            let connection = try #require(RawConnection(port: port))
            connection.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let greeting = connection.read(until: "retry: 2000\n")
            #expect(
                greeting.contains("200 OK")
                    && greeting.lowercased().contains("content-type: text/event-stream")
            )
            live.changed([
                try RelativePath(validating: "runs/a/index.html"), try RelativePath(validating: "é\""),
            ])
            let change = connection.read(until: "]}\n\n")
            #expect(change.contains("event: changed\n"))
            #expect(change.contains(#"data: {"paths":["runs/a/index.html","é\""]}"#))
            live.buildFailed("line 1\nline \"2\"")
            #expect(
                connection.read(until: "}\n\n").contains(
                    #"event: build-failed\#ndata: {"message":"line 1\nline \"2\""}"#
                )
            )
            live.buildSucceeded()
            #expect(connection.read(until: "}\n\n").contains("event: build-recovered"))
        }
    }

    @Test func `a page that connects is told of the current failure and of what it missed`() async throws {
        let live = LiveEvents()
        live.buildFailed("broken")
        let first = try #require(live.subscribe(lastEventID: nil, limit: 2))
        #expect(await first.next() == "event: build-failed\ndata: {\"message\":\"broken\"}\n\n")
        let id = live.currentEventID
        let uptodate = try #require(live.subscribe(lastEventID: id, limit: 2))
        #expect(await uptodate.next()?.contains("all") == false)
        uptodate.end()
        live.changed([try RelativePath(validating: "a")])
        let late = try #require(live.subscribe(lastEventID: id, limit: 2))
        #expect(await late.next()?.contains("data: {\"all\":true}") == true)
    }

    @Test func `a client that does not read costs a bounded amount`() async throws {
        let live = LiveEvents()
        let slow = try #require(live.subscribe(lastEventID: nil, limit: 1))
        for index in 0..<5000 { live.changed([try RelativePath(validating: "runs/\(index)")]) }
        live.ping()
        let text = try #require(await slow.next())
        #expect(text.contains("{\"all\":true}") && text.utf8.count < 200)
    }

    @Test func `up to 200 paths are named, sorted and once`() throws {
        var mailbox = EventMailbox()
        let paths = try (0..<200).map { try RelativePath(validating: "p\($0)") }
        mailbox.changed(paths.reversed())
        mailbox.changed(paths)
        let taken = mailbox.take(id: "1")
        let text = try #require(taken)
        #expect(text.hasPrefix("event: changed\nid: 1\ndata: {\"paths\":[\"p0\",\"p1\",\"p10\",\"p100\","))
        let nothing = mailbox.take(id: "1")
        #expect(nothing == nil)
        mailbox.changed(paths + [try RelativePath(validating: "one more")])
        let all = mailbox.take(id: "2")
        #expect(all?.contains("{\"all\":true}") == true)
    }

    @Test func `streams are limited, and freed when their page goes`() async throws {
        let live = LiveEvents()
        let site = try SiteFixture()
        try await withServer(site, live: live, configure: { $0.maximumEventClients = 1 }) { port in
            var connection: RawConnection? = RawConnection(port: port)
            connection?.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(connection?.read(until: "retry:").contains("200 OK") == true)
            let second = try #require(RawConnection(port: port))
            let refused = try #require(second.exchange("GET", "/events"))
            #expect(refused.status == 503 && refused["retry-after"] == "30")
            connection = nil
            var isFreed = false
            for _ in 0..<1000 where !isFreed {  // each a round trip, so the server has time to notice
                _ = second.exchange("GET", "/healthz")
                isFreed = live.clientCount == 0
            }
            #expect(isFreed)
        }
    }

    @Test func `silent streams are kept alive by the clock`() async throws {
        let clock = SteppedClock()
        let site = try SiteFixture()
        try await withServer(site, clock: clock) { port in
            let connection = try #require(RawConnection(port: port))
            connection.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = connection.read(until: "retry: 2000\n")
            await clock.step()
            #expect(connection.read(until: ": ping\n\n").contains(": ping\n\n"))
            #expect(clock.intervals.withLock { $0 }.first == .seconds(15))
        }
    }

    @Test func `shutting down ends the streams`() async throws {
        let site = try SiteFixture()
        let kept = Mutex<Int32>(-1)
        try await withServer(site) { port in
            let connection = try #require(RawConnection(port: port))
            connection.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(connection.read(until: "retry: 2000\n").contains("200 OK"))
            kept.withLock { $0 = connection.duplicate() }
        }
        // The server has ended, with the connection open at this side.
        let connection = RawConnection(descriptor: kept.withLock { $0 })
        #expect(connection.isClosedByServer())
    }
}

/// A clock whose sleepers wake when the test says so.
final class SteppedClock: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant

    let intervals = Mutex<[Duration]>([])
    private let start = ContinuousClock.now
    private let (sleeping, announce) = AsyncStream<Void>.makeStream()
    private let (steps, allow) = AsyncStream<Void>.makeStream()

    var now: Instant { start }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        intervals.withLock { $0.append(start.duration(to: deadline)) }
        announce.yield()
        var iterator = steps.makeAsyncIterator()
        guard await iterator.next() != nil else { throw CancellationError() }
    }

    /// Wakes one sleeper, once there is one.
    func step() async {
        var iterator = sleeping.makeAsyncIterator()
        _ = await iterator.next()
        allow.yield()
    }
}

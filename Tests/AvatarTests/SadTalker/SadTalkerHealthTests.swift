import Synchronization
import TestSupport
import Testing

@testable import Avatar

/// What is said of SadTalker while its doctor looks again.
@Suite(.timeLimit(.minutes(1))) struct SadTalkerHealthTests {
    private static let healthy = SadTalkerExamination(findings: [])
    private static let broken = SadTalkerExamination(findings: [
        SadTalkerFinding(.checkpoints, .failure, "there are none")
    ])

    private let time = ClockReading(.now)
    private let health: SadTalkerHealth

    init() {
        let time = time
        health = SadTalkerHealth(now: { time.now })
    }

    /// An examination that ends when a test says so.
    private final class Examination: Sendable {
        private let hasBegun = Mutex(false)
        private let (ends, end) = AsyncStream.makeStream(of: SadTalkerExamination.self)

        func finish(_ examination: SadTalkerExamination) {
            end.yield(examination)
            end.finish()
        }

        func begin() async throws -> SadTalkerExamination {
            hasBegun.withLock { $0 = true }
            for await examination in ends { return examination }
            throw CancellationError()
        }

        func waitForBeginning() async throws { try await waitUntil { hasBegun.withLock { $0 } } }
    }

    @Test func `the first examination is waited for; who asks meanwhile is told`() async throws {
        let examination = Examination()
        async let first = health.problem { try await examination.begin() }
        try await examination.waitForBeginning()
        #expect(await health.problem { Self.broken }?.contains("being examined") == true)
        examination.finish(Self.healthy)
        #expect(await first == nil)
        #expect(await health.problem { Self.broken } == nil, "it is believed")
    }

    @Test(arguments: [true, false])
    func `while it is examined again, what was found before holds`(_ isKeeper: Bool) async throws {
        #expect(await health.problem { Self.healthy } == nil)
        time.advance(seconds: isKeeper ? 301 : 601)
        let examination = Examination()
        async let again: String? = {
            if isKeeper {
                await health.refresh { try await examination.begin() }
            } else {
                _ = await health.problem { try await examination.begin() }
            }
            return nil
        }()
        try await examination.waitForBeginning()
        time.advance(seconds: 600)
        #expect(await health.problem { Self.broken } == nil)
        examination.finish(Self.broken)
        _ = await again
        #expect(await health.problem { Self.healthy } == "checkpoints: there are none")
    }

    @Test func `it is renewed before it is no longer believed, and not before that`() async throws {
        #expect(await health.problem { Self.healthy } == nil)
        time.advance(seconds: 299)
        await health.refresh { Self.broken }
        #expect(await health.problem { Self.broken } == nil)
        time.advance(seconds: 2)
        await health.refresh { Self.broken }
        #expect(await health.problem { Self.healthy } != nil)
    }

    @Test func `after a failure it is examined at once, and one that is cancelled changes nothing`()
        async throws
    {
        #expect(await health.problem { Self.healthy } == nil)
        await health.doubt()
        #expect(await health.problem { throw CancellationError() } == nil)
        #expect(await health.problem { Self.broken } == "checkpoints: there are none")
    }
}

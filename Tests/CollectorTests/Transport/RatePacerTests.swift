@testable import Collector
import Synchronization
import Testing

@Suite struct RatePacerTests {
    @Test func tasksTogetherKeepToTheRate() async throws {
        let elapsed = Mutex(Duration.zero)
        let time = MonotonicTime(
            now: { elapsed.withLock { $0 } },
            sleep: { duration in elapsed.withLock { $0 += duration } }
        )
        let pacer = RatePacer(bytesPerSecond: 1_000, time: time)
        for _ in 0..<10 { try await pacer.pace(500) }
        // The tenth piece goes when nine have had their half seconds.
        #expect(elapsed.withLock { $0 } == .seconds(4.5))
        #expect(pacer.pieceLength == 512)
        #expect(RatePacer(bytesPerSecond: 1 << 30).pieceLength == 1 << 20)
    }
}

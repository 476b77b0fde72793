import Synchronization
import Testing

@testable import Collector

@Suite(.timeLimit(.minutes(1))) struct TransferQueueTests {
    /// How many are inside, and how many ever were at once.
    private final class Counter: Sendable {
        private let counts = Mutex<(now: Int, most: Int)>((0, 0))
        var most: Int { counts.withLock { $0.most } }
        func enter() {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
        }
        func leave() { counts.withLock { $0.now -= 1 } }
    }

    @Test("one at a time, in the order they came")
    func order() async throws {
        let queue = TransferQueue()
        let counter = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await queue.run {
                        counter.enter()
                        await Task.yield()
                        counter.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counter.most == 1)
        #expect(!queue.isBusy)
    }

    @Test("a failure lets the next one in")
    func failing() async throws {
        struct Broken: Error {}
        let queue = TransferQueue()
        await #expect(throws: Broken.self) { try await queue.run { throw Broken() } }
        #expect(try await queue.run { 7 } == 7)
    }

    @Test("who is cancelled while waiting leaves at once and is not run")
    func cancelled() async throws {
        let queue = TransferQueue()
        let (held, release) = AsyncStream.makeStream(of: Void.self)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await queue.run {
                enter.yield()
                for await _ in held { break }
            }
        }
        for await _ in entered { break }
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let waiting = Task { try await queue.run { counter.enter() } }
                    waiting.cancel()
                    await #expect(throws: CancellationError.self) { try await waiting.value }
                }
            }
        }
        #expect(counter.most == 0)
        release.yield()
        try await first.value
        #expect(try await queue.run { 1 } == 1)
    }
}

import Foundation
import Synchronization
import Testing

@testable import Collector

@Suite(.timeLimit(.minutes(1)), .serialized) struct CurlExecutorTests {
    private actor Worker {
        private let executor = CurlExecutor()
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func thread() -> UInt { pthread_self() }

        func block(until gate: Gate) { gate.wait() }
    }

    /// Blocks a thread until it is opened from another one.
    private final class Gate: Sendable {
        private let pipe = Pipe()
        func wait() { _ = pipe.fileHandleForReading.availableData }
        func open() { pipe.fileHandleForWriting.write(Data([1])) }
    }

    private static func threads() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }

    @Test("all work of an actor runs on one thread, another actor's on another")
    func ownThread() async {
        let (first, second) = (Worker(), Worker())
        let (one, two) = (await first.thread(), await second.thread())
        #expect(one != two)
        for _ in 0..<20 { #expect(await first.thread() == one) }
    }

    @Test("more blocked actors than processors leave the rest of the program running")
    func blocking() async {
        let gate = Gate()
        let workers = (0..<8).map { _ in Worker() }
        await withTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { await worker.block(until: gate) } }
            // This task shares the pool with those that wait; it must get on and let them go.
            for _ in 0..<100 { await Task.yield() }
            for _ in workers { gate.open() }
        }
    }

    @Test("the thread ends with its last reference")
    func threadEnds() async throws {
        let before = try Self.threads()
        do {
            let workers = (0..<30).map { _ in Worker() }
            for worker in workers { _ = await worker.thread() }
            #expect(try Self.threads() >= before + 30)
        }
        var now = try Self.threads()
        let deadline = ContinuousClock.now + .seconds(10)
        while now > before + 15, .now < deadline {
            await Task.yield()
            now = try Self.threads()
        }
        // Other tests start and end threads meanwhile.
        #expect(now <= before + 15)
    }
}

import Foundation
import Synchronization
import Testing

@testable import Collector

@Suite(.timeLimit(.minutes(1)), .serialized) struct CurlExecutorTests {
    private actor Worker {
        private let executor: CurlExecutor
        init(_ executor: CurlExecutor = CurlExecutor()) { self.executor = executor }
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func thread() -> UInt { pthread_self() }

        func block(until gate: Gate) { gate.wait() }
    }

    /// Blocks a thread until it is opened from another one.
    private final class Gate: Sendable {
        private let pipe = Pipe()
        func wait() { _ = try? pipe.fileHandleForReading.read(upToCount: 1) }
        func open() { pipe.fileHandleForWriting.write(Data([1])) }
    }

    /// How many threads of this process have a name.
    private static func threads(named name: String) throws -> Int {
        let folder = "/proc/self/task"
        return try FileManager.default.contentsOfDirectory(atPath: folder).count {
            (try? String(contentsOfFile: "\(folder)/\($0)/comm", encoding: .utf8)) == name + "\n"
        }
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
        let name = "executor-test"
        do {
            let workers = (0..<30).map { _ in Worker(CurlExecutor(name: name)) }
            for worker in workers { _ = await worker.thread() }
            let running = try withExtendedLifetime(workers) { try Self.threads(named: name) }
            // A listing of /proc may miss some while other tests end threads of theirs.
            #expect(running > 15)
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while try Self.threads(named: name) > 0, .now < deadline { await Task.yield() }
        #expect(try Self.threads(named: name) == 0)
    }
}
